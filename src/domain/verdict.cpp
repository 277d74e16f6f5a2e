// Names of verdict enums and the digest of a decision. Any thread.
#include "domain/verdict.h"

#include "base/hash.h"
#include "domain/codec/field_codec.h"
#include "domain/enum_text.h"

namespace prom {

std::string_view name_of(AgentRole role) { return enum_text(role); }
std::optional<AgentRole> parse_agent_role(std::string_view name) { return parse_enum<AgentRole>(name); }
std::string_view name_of(Stance stance) { return enum_text(stance); }
std::string_view name_of(DecisionAction action) { return enum_text(action); }

std::uint64_t digest_of(const DecisionRecord& record) {
  std::vector<std::byte> bytes;
  codec::Encoder<codec::Scope::digest> encoder(bytes);
  encoder.put(record);
  encoder.flush();
  return hash_bytes(bytes);
}

}  // namespace prom
