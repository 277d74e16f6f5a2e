// Names of memory kinds. Any thread.
#include "domain/memory.h"

#include "domain/enum_text.h"

namespace prom {

std::string_view name_of(MemoryKind kind) { return enum_text(kind); }
std::optional<MemoryKind> parse_memory_kind(std::string_view name) { return parse_enum<MemoryKind>(name); }

}  // namespace prom
