// The result file: a head record, then one record a value, then a tail that counts them. One thread.
#include "research/registry/stored_run.h"

#include <type_traits>
#include <utility>

#include "domain/codec/field_codec.h"
#include "domain/codec/frame_codec.h"
#include "research/registry/records.h"

namespace prom::registry {
namespace {

/// Raised when the layout below changes; changes of domain structs are told by kFrameFormatVersion.
constexpr std::uint32_t kLayout = 1;
constexpr std::uint32_t kMagic = 0x4e52'4d50;  // "PMRN"
constexpr std::size_t kPointsPerRecord = 4096;

enum class Kind : std::uint8_t { head, instrument, asset, equity, fill, trade, denial, order, posting, benchmark, alert, candles, tail };

// One visitor for both directions keeps writing and reading in step: `a` is a Put or a Get.
struct Put {
  codec::Encoder<>* encoder;
  template <class T>
  void operator()(const T& value) const {
    encoder->put(value);
  }
};
struct Get {
  codec::Decoder* decoder;
  template <class T>
  void operator()(T& value) const {
    if (decoder->ok()) decoder->get(value);
  }
};

template <class A, class T>
  requires codec::HasFields<T>
void visit(const A& a, T& value) {
  a(value);
}
template <class A>
void visit(const A& a, auto& text)
  requires std::is_same_v<std::remove_cvref_t<decltype(text)>, std::string>
{
  a(text);
}

struct Points {
  std::vector<std::int64_t> time_ns;
  std::vector<Decimal> equity;
  PROM_FIELDS(time_ns, equity)
};

Points to_points(std::span<const EquityPoint> curve) {
  Points points;
  for (const EquityPoint& p : curve) {
    points.time_ns.push_back(p.time.ns);
    points.equity.push_back(p.equity);
  }
  return points;
}

void add_points(const Points& points, std::vector<EquityPoint>& curve) {
  for (std::size_t i = 0; i < points.time_ns.size() && i < points.equity.size(); ++i) curve.push_back({TimeNs{points.time_ns[i]}, points.equity[i]});
}

struct StoredBenchmark {
  std::string name;
  Decimal net;
  double max_drawdown = 0;
  std::uint64_t trades = 0;
  Points equity;
  PROM_FIELDS(name, net, max_drawdown, trades, equity)
};
struct StoredDenial {
  TimeNs time{};
  TradeProposal proposal;
  Denial denial;
  PROM_FIELDS(time, proposal, denial)
};
struct StoredOrder {
  OrderSpec spec;
  OrderState state = OrderState::pending;
  QuantityUnits filled{};
  TimeNs created_at{}, updated_at{};
  PROM_FIELDS(spec, state, filled, created_at, updated_at)
};

template <class A, class S>
void visit_summary(const A& a, S& s) {
  a(s.opening_cash), a(s.closing_equity), a(s.net), a(s.gross), a(s.fees), a(s.slippage), a(s.funding), a(s.open_unrealised);
  a(s.trades), a(s.wins), a(s.fills), a(s.orders), a(s.denials), a(s.decisions);
  a(s.days), a(s.max_drawdown), a(s.sharpe), a(s.win_rate), a(s.profit_factor), a(s.expectancy), a(s.funding_note);
  std::optional<double> low, high;
  if (s.net_interval) low = s.net_interval->low, high = s.net_interval->high;
  a(low), a(high);
  if constexpr (!std::is_const_v<S>) {
    if (low && high) s.net_interval = Interval{*low, *high};
  }
}

template <class A, class R>
void visit_random(const A& a, R& result) {
  std::uint8_t present = result.random_entries ? 1 : 0;
  a(present);
  if (present == 0) return;
  RandomEntries r = result.random_entries.value_or(RandomEntries{});
  a(r.runs), a(r.seed), a(r.median), a(r.p05), a(r.p95), a(r.beaten);
  if constexpr (!std::is_const_v<R>) result.random_entries = r;
}

template <class A, class R>
void visit_head(const A& a, R& r) {
  a(r.kind), a(r.mode), a(r.digest), a(r.data_sha256), a(r.bars), a(r.from), a(r.to), a(r.decider), a(r.configuration), a(r.quote);
  visit_summary(a, r.summary);
  visit_random(a, r);
}

class Writer {
 public:
  explicit Writer(AtomicFile& file) : file_(&file) {}

  template <class Fill>
  void record(Kind kind, const Fill& fill) {
    bytes_.clear();
    codec::Encoder<> encoder(bytes_);
    encoder.put(static_cast<std::uint8_t>(kind));
    fill(Put{&encoder});
    encoder.flush();
    append_record(*file_, bytes_);
    ++count_;
  }
  template <class T>
  void each(Kind kind, const std::vector<T>& items) {
    for (const T& item : items) record(kind, [&](const Put& a) { visit(a, item); });
  }
  std::uint64_t count() const { return count_; }

 private:
  AtomicFile* file_;
  std::vector<std::byte> bytes_;
  std::uint64_t count_ = 0;
};

template <class T>
void get_into(codec::Decoder& decoder, std::vector<T>& list) {
  visit(Get{&decoder}, list.emplace_back());
}

template <class T>
T get_one(codec::Decoder& decoder) {
  T value;
  decoder.get(value);
  return value;
}

/// The record of `kind` goes where it belongs.
void take(Kind kind, codec::Decoder& d, StoredResult& out) {
  RunResult& r = out.result;
  switch (kind) {
    case Kind::head: d.fail(CodecError::bad_value); return;
    case Kind::instrument: return get_into(d, r.instruments);
    case Kind::asset: return get_into(d, r.assets);
    case Kind::equity: return add_points(get_one<Points>(d), r.equity);
    case Kind::fill: return get_into(d, r.fills);
    case Kind::trade: return get_into(d, r.trades);
    case Kind::posting: return get_into(d, r.postings);
    case Kind::alert: return get_into(d, r.alerts);
    case Kind::candles: return get_into(d, out.candles);
    case Kind::denial: {
      auto denial = get_one<StoredDenial>(d);
      r.denials.push_back({denial.time, std::move(denial.proposal), denial.denial});
      return;
    }
    case Kind::order: {
      auto order = get_one<StoredOrder>(d);
      r.orders.push_back({order.spec, order.state, order.filled, order.created_at, order.updated_at});
      return;
    }
    case Kind::benchmark: {
      auto b = get_one<StoredBenchmark>(d);
      r.benchmarks.push_back({std::move(b.name), b.net, b.max_drawdown, b.trades, {}});
      add_points(b.equity, r.benchmarks.back().equity);
      return;
    }
    case Kind::tail: return;
  }
}

void write_lists(Writer& writer, const RunResult& result, std::span<const CandleSeries> candles) {
  writer.each(Kind::instrument, result.instruments);
  writer.each(Kind::asset, result.assets);
  for (std::size_t i = 0; i < result.equity.size(); i += kPointsPerRecord) {
    const std::span<const EquityPoint> rest = std::span(result.equity).subspan(i);
    writer.record(Kind::equity, [&](const Put& a) { a(to_points(rest.first(std::min(rest.size(), kPointsPerRecord)))); });
  }
  writer.each(Kind::fill, result.fills);
  writer.each(Kind::trade, result.trades);
  for (const DeniedProposal& x : result.denials) writer.record(Kind::denial, [&](const Put& a) { a(StoredDenial{x.time, x.proposal, x.denial}); });
  for (const OrderOutcome& x : result.orders) {
    writer.record(Kind::order, [&](const Put& a) { a(StoredOrder{x.spec, x.state, x.filled, x.created_at, x.updated_at}); });
  }
  writer.each(Kind::posting, result.postings);
  for (const Benchmark& x : result.benchmarks) {
    writer.record(Kind::benchmark, [&](const Put& a) { a(StoredBenchmark{x.name, x.net, x.max_drawdown, x.trades, to_points(x.equity)}); });
  }
  writer.each(Kind::alert, result.alerts);
  for (const CandleSeries& x : candles) writer.record(Kind::candles, [&](const Put& a) { a(x); });
}

Error corrupted(const std::string& path, std::size_t at) {
  return {"run_corrupted", path + " is damaged at byte " + std::to_string(at), "run it again: the same command gives the same result"};
}

}  // namespace

std::expected<void, Error> write_result(const std::string& path, const RunResult& result, const std::string& run_id, std::span<const CandleSeries> candles) {
  PROM_TRY(AtomicFile file, AtomicFile::create(path));
  Writer writer(file);
  writer.record(Kind::head, [&](const Put& a) {
    a(kMagic), a(kLayout), a(kFrameFormatVersion), a(run_id);
    visit_head(a, result);
  });
  write_lists(writer, result, candles);
  const std::uint64_t before = writer.count();
  writer.record(Kind::tail, [&](const Put& a) { a(before); });
  return file.commit();
}

std::expected<StoredResult, Error> read_result(const std::string& path) {
  PROM_TRY(const std::string content, read_whole_file(path));
  RecordReader reader(content);
  StoredResult out;
  for (std::uint64_t n = 0;; ++n) {
    const std::size_t at = reader.position();
    const auto bytes = reader.next();
    if (!bytes) return err(corrupted(path, at));
    codec::Decoder decoder(*bytes);
    const auto kind = get_one<std::uint8_t>(decoder);
    if (kind > static_cast<std::uint8_t>(Kind::tail) || (n == 0) != (kind == static_cast<std::uint8_t>(Kind::head))) return err(corrupted(path, at));
    if (n == 0) {
      const auto magic = get_one<std::uint32_t>(decoder);
      const auto layout = get_one<std::uint32_t>(decoder);
      const auto fields = get_one<std::uint16_t>(decoder);
      if (!decoder.ok() || magic != kMagic) return err(corrupted(path, at));
      if (layout != kLayout || fields != kFrameFormatVersion) {
        return err(Error{"run_version", path + " was written by another version of this program", "run it again, or read it with that version"});
      }
      decoder.get(out.result.run_id);
      visit_head(Get{&decoder}, out.result);
    } else if (kind == static_cast<std::uint8_t>(Kind::tail)) {
      if (get_one<std::uint64_t>(decoder) != n || !reader.at_end()) return err(corrupted(path, at));
      return out;
    } else {
      take(static_cast<Kind>(kind), decoder, out);
    }
    if (!decoder.ok() || !decoder.at_end()) return err(corrupted(path, at));
  }
}

}  // namespace prom::registry
