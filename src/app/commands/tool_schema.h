// Documents of tools against their JSON Schemas, by the library valijson: at the edge, where JSON comes in and goes out. Inside, values are typed and checked by
// tools/args.h, whose sentences come first; this is the second witness. Any thread; pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace prom {

/// What is wrong with `document` under `schema` (draft 7), as "member: what the library says"; nothing where it keeps to it. Both are JSON texts; a text that is
/// none, or a schema that the library cannot read, is a fault too. `format` is not looked at. About 1 ms: not for a hot path.
std::optional<std::string> schema_fault(std::string_view schema, std::string_view document);

}  // namespace prom
