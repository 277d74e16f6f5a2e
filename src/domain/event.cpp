// Names of event enums, and what inputs, events and commands do alike. Any thread.
#include "domain/event.h"

#include "domain/command.h"
#include "domain/enum_text.h"
#include "domain/input.h"

namespace prom {

std::string_view name_of(BreakerKind kind) { return enum_text(kind); }

PROM_DEFINE_SUM_TYPE(InputBody);
PROM_DEFINE_SUM_TYPE(Event);
PROM_DEFINE_SUM_TYPE(Command);
PROM_DEFINE_SUM_TYPE(RecordedCommand);

}  // namespace prom
