// State as bytes. Engine thread.
#include "engine/state/snapshot.h"

#include "base/hash.h"
#include "domain/codec/field_codec.h"
#include "engine/state/apply.h"

namespace prom {
namespace {

/// The primary fields of a state, in order; `State` is const or not.
template <class State, class Visit>
void visit_state(State& s, Visit&& visit) {
  visit(s.now);
  visit(s.seq);
  visit(s.epoch);
  visit(s.halt_epoch);
  visit(s.ledger_reachable);
  visit(s.assets);
  visit(s.instruments);
  visit(s.market);
  visit(s.users);
  visit(s.accounts);
  visit(s.pairs);
  visit(s.conversions);
  visit(s.conversion_times);
  visit(s.first_order);
  visit(s.in_doubt);
  visit(s.next_order);
  visit(s.next_proposal);
  visit(s.next_round_trip);
  visit(s.next_oco);
}

}  // namespace

std::vector<std::byte> encode_snapshot(const EngineState& state) {
  std::vector<std::byte> bytes;
  codec::Encoder<> encoder(bytes);
  encoder.put(kSnapshotVersion);
  visit_state(state, [&](const auto& field) { encoder.put(field); });
  encoder.put(static_cast<std::uint32_t>(state.orders.size()));
  for (const Order& order : state.orders) encoder.put(order);
  encoder.flush();
  return bytes;
}

std::expected<EngineState, CodecError> decode_snapshot(std::span<const std::byte> bytes) {
  codec::Decoder decoder(bytes);
  std::uint16_t version = 0;
  decoder.get(version);
  if (decoder.ok() && version != kSnapshotVersion) return std::unexpected(CodecError::unknown_version);
  EngineState state;
  visit_state(state, [&](auto& field) { decoder.get(field); });
  std::uint32_t orders = 0;
  decoder.get(orders);
  for (std::uint32_t i = 0; i < orders && decoder.ok(); ++i) decoder.get(state.orders.emplace_back());
  if (!decoder.ok()) return std::unexpected(decoder.error());
  if (!decoder.at_end()) return std::unexpected(CodecError::trailing_bytes);
  rebuild_derived(state);
  return state;
}

std::uint64_t digest_of(const EngineState& state) { return hash_bytes(encode_snapshot(state)); }

}  // namespace prom
