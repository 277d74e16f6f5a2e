// Decisions on disk. One thread.
#include "research/registry/decision_file.h"

#include "domain/codec/field_codec.h"
#include "research/registry/records.h"

namespace prom::registry {
namespace {

/// Blocks are closed at this size: large enough to compress well, small enough to read one decision quickly.
constexpr std::size_t kBlockBytes = 1u << 20;
/// One decision may exceed a block; beyond this a file is not ours.
constexpr std::size_t kMaxBlockBytes = 256u << 20;

std::string blocks_path(const std::string& folder) { return folder + "/decisions.bin"; }
std::string index_path(const std::string& folder) { return folder + "/decisions.idx"; }

Error corrupted(const std::string& path, std::size_t at) {
  return {"run_corrupted", path + " is damaged at byte " + std::to_string(at), "run it again: the same command gives the same result"};
}

template <class T>
void encode(const T& value, std::vector<std::byte>& out) {
  codec::Encoder<> encoder(out);
  encoder.put(value);
  encoder.flush();
}

/// The whole of `bytes` as a T.
template <class T>
std::optional<T> decode(std::span<const std::byte> bytes) {
  codec::Decoder decoder(bytes);
  T value;
  decoder.get(value);
  if (!decoder.ok() || !decoder.at_end()) return std::nullopt;
  return value;
}

std::expected<std::vector<std::byte>, Error> read_block(const std::string& path, std::string_view content, std::uint64_t at) {
  if (at >= content.size()) return err(corrupted(path, at));
  RecordReader reader(content);
  reader.seek(at);
  const auto bytes = reader.next();
  if (!bytes) return err(corrupted(path, at));
  return decompress(*bytes, kMaxBlockBytes);
}

std::optional<DecisionRecord> cut_out(std::span<const std::byte> block, const DecisionEntry& entry) {
  if (entry.begin > block.size() || entry.size > block.size() - entry.begin) return std::nullopt;
  return decode<DecisionRecord>(block.subspan(entry.begin, entry.size));
}

}  // namespace

std::expected<void, Error> write_decisions(const std::string& folder, const std::vector<DecisionRecord>& decisions) {
  PROM_TRY(AtomicFile blocks, AtomicFile::create(blocks_path(folder)));
  PROM_TRY(AtomicFile index, AtomicFile::create(index_path(folder)));
  std::vector<std::byte> block, line;
  const auto close_block = [&]() -> std::expected<void, Error> {
    if (block.empty()) return {};
    PROM_TRY(const std::vector<std::byte> packed, compress(block));
    append_record(blocks, packed);
    block.clear();
    return {};
  };
  for (const DecisionRecord& record : decisions) {
    DecisionEntry entry{
        record.id, record.as_of.time, record.pair, record.instrument, record.action, digest_of(record), blocks.size(), static_cast<std::uint32_t>(block.size()),
        0};
    encode(record, block);
    entry.size = static_cast<std::uint32_t>(block.size()) - entry.begin;
    line.clear();
    encode(entry, line);
    append_record(index, line);
    if (block.size() >= kBlockBytes) PROM_CHECK_OK(close_block());
  }
  PROM_CHECK_OK(close_block());
  PROM_CHECK_OK(blocks.commit());
  return index.commit();
}

std::expected<std::vector<DecisionEntry>, Error> read_decision_index(const std::string& folder) {
  PROM_TRY(const std::string content, read_whole_file(index_path(folder)));
  std::vector<DecisionEntry> out;
  RecordReader reader(content);
  while (!reader.at_end()) {
    const std::size_t at = reader.position();
    const auto bytes = reader.next();
    const auto entry = bytes ? decode<DecisionEntry>(*bytes) : std::nullopt;
    if (!entry) return err(corrupted(index_path(folder), at));
    out.push_back(*entry);
  }
  return out;
}

std::expected<DecisionRecord, Error> read_decision(const std::string& folder, const DecisionEntry& entry) {
  PROM_TRY(const std::string content, read_whole_file(blocks_path(folder)));
  PROM_TRY(const std::vector<std::byte> block, read_block(blocks_path(folder), content, entry.block));
  auto record = cut_out(block, entry);
  if (!record) return err(corrupted(blocks_path(folder), entry.block));
  return std::move(*record);
}

std::expected<std::vector<DecisionRecord>, Error> read_decisions(const std::string& folder) {
  PROM_TRY(const std::vector<DecisionEntry> index, read_decision_index(folder));
  PROM_TRY(const std::string content, read_whole_file(blocks_path(folder)));
  std::vector<DecisionRecord> out;
  out.reserve(index.size());
  std::vector<std::byte> block;
  std::optional<std::uint64_t> loaded;
  for (const DecisionEntry& entry : index) {
    if (loaded != entry.block) {
      PROM_TRY(block, read_block(blocks_path(folder), content, entry.block));
      loaded = entry.block;
    }
    auto record = cut_out(block, entry);
    if (!record) return err(corrupted(blocks_path(folder), entry.block));
    out.push_back(std::move(*record));
  }
  return out;
}

}  // namespace prom::registry
