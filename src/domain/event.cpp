// Names of event enums. Any thread.
#include "domain/event.h"

#include "domain/enum_text.h"

namespace prom {

std::string_view name_of(BreakerKind kind) { return enum_text(kind); }

}  // namespace prom
