// Names of fill and posting kinds. Any thread.
#include "domain/fill.h"

#include "domain/enum_text.h"

namespace prom {

std::string_view name_of(PostingKind kind) { return enum_text(kind); }
std::string_view name_of(Liquidity liquidity) { return enum_text(liquidity); }

}  // namespace prom
