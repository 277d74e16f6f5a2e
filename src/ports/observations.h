// What the outside world said about the market: numbers and texts of feeds (sentiment, news, macro, statistics of venues), each with the instant it speaks of
// and the instant from which it was known. Stores keep them for ever as they were said; a view shows what was known at an instant. Values; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "ports/store_error.h"

namespace prom {

/// Who speaks, from the most to the least accountable. Text of any tier is data to be judged, never an instruction.
enum class TrustTier : std::uint8_t {
  official,    ///< a public office or the venue about itself
  aggregator,  ///< a data provider that computes from others
  publisher,   ///< an edited news outlet
  crowd        ///< anybody: social posts
};
std::string_view name_of(TrustTier tier);

/// One thing said once. Identity: series, subject, source, event_time, id; a later saying of the same identity is a revision.
struct Observation {
  std::string series;     ///< what is measured, from `series::`
  std::string subject;    ///< whom it concerns: base asset, venue:market:symbol, FRED's id; empty = the whole market
  std::string source;     ///< provider, e.g. "alternative.me"
  std::string id;         ///< tells items of one instant apart (address of an article); empty for plain series
  TimeNs event_time{};    ///< the instant or the beginning of the period it speaks of; may lie after available_at (a scheduled release)
  TimeNs available_at{};  ///< when it was known here; nothing may use it earlier
  TrustTier trust = TrustTier::crowd;
  std::optional<double> value;  ///< finite; unit as `series::` says
  std::string text;             ///< headline or name, at most kMaxObservationText bytes
  bool operator==(const Observation&) const = default;
};

inline constexpr std::size_t kMaxObservationName = 512;   ///< bytes of series, subject, source and id, each
inline constexpr std::size_t kMaxObservationText = 4096;  ///< bytes of text

/// Names of series, with the unit of `value`.
namespace series {
inline constexpr std::string_view kFearGreed = "sentiment.fear_greed";            ///< 0..100
inline constexpr std::string_view kTrending = "sentiment.trending";               ///< rank from 1; subject: the coin's symbol, text: its name
inline constexpr std::string_view kNews = "news.headline";                        ///< no value; text: headline
inline constexpr std::string_view kPost = "social.post";                          ///< score (ups less downs); text: title
inline constexpr std::string_view kDominance = "market.dominance";                ///< percent of all coins' market value; subject: the coin's symbol
inline constexpr std::string_view kTotalValue = "market.total_value";             ///< USD
inline constexpr std::string_view kMacro = "macro.series";                        ///< the provider's unit; subject: FRED's series id
inline constexpr std::string_view kOpenInterest = "venue.open_interest";          ///< base units of linear, USD of inverse contracts, as the venue states it
inline constexpr std::string_view kLongShort = "venue.long_short";                ///< accounts long over accounts short
inline constexpr std::string_view kLongsLiquidated = "venue.longs_liquidated";    ///< USD in the period; subject: base asset
inline constexpr std::string_view kShortsLiquidated = "venue.shorts_liquidated";  ///< USD in the period; subject: base asset
inline constexpr std::string_view kSocialMood = "social.mood";                    ///< percent of positive interactions; subject: base asset
inline constexpr std::string_view kSocialVolume = "social.volume";                ///< posts in the period; subject: base asset

// One option each; subject: Deribit's name, as BTC-27DEC24-100000-C.
inline constexpr std::string_view kOptionOpenInterest = "options.open_interest";  ///< base units
inline constexpr std::string_view kOptionVolume = "options.volume_day";           ///< base units of the last 24 h
inline constexpr std::string_view kOptionVolatility = "options.volatility";       ///< of the venue's mark price, fraction a year
inline constexpr std::string_view kOptionForward = "options.forward";             ///< price of the underlying for that expiry, USD
inline constexpr std::string_view kOptionTrade = "options.trade";                 ///< base units, negative where the taker sold

// What chains show; subject: the coin.
inline constexpr std::string_view kWhaleTransfers = "chain.whale_transfers";         ///< transfers above 1 M USD in the period, count
inline constexpr std::string_view kExchangeInflow = "chain.exchange_inflow";         ///< coins in the period
inline constexpr std::string_view kExchangeOutflow = "chain.exchange_outflow";       ///< coins in the period
inline constexpr std::string_view kMinerBalance = "chain.miner_balance";             ///< coins
inline constexpr std::string_view kActiveAddresses = "chain.active_addresses";       ///< count in the period
inline constexpr std::string_view kNvt = "chain.nvt";                                ///< network value over transfers of a day
inline constexpr std::string_view kSopr = "chain.sopr";                              ///< price sold over price paid
inline constexpr std::string_view kMvrv = "chain.mvrv";                              ///< market value over realised value
inline constexpr std::string_view kRealisedPnl = "chain.realised_pnl";               ///< USD in the period
inline constexpr std::string_view kStablecoinNetFlow = "chain.stablecoin_net_flow";  ///< USD into exchanges less out of them; subject: the stablecoin

// Scheduled releases; subject: country, id: the provider's, text: name of the release. event_time is the release and may lie ahead.
inline constexpr std::string_view kReleaseImportance = "macro.release_importance";  ///< 1 low, 2 medium, 3 high
inline constexpr std::string_view kReleaseActual = "macro.release_actual";          ///< in the unit of the release
inline constexpr std::string_view kReleaseForecast = "macro.release_forecast";
inline constexpr std::string_view kReleasePrevious = "macro.release_previous";
}  // namespace series

/// Why an observation cannot be kept, in one sentence; nothing when it is sound.
std::optional<std::string> fault_of(const Observation& observation);

/// What to read. Empty `source` means any.
struct ObservationQuery {
  std::string_view series;
  std::optional<std::string_view> subject = std::nullopt;  ///< none = every subject
  TimeNs as_of{};                                          ///< nothing that became available later
  TimeNs from{INT64_MIN};                                  ///< first event time
  TimeNs until{INT64_MAX};                                 ///< last event time, inclusive
  std::size_t limit = 1;                                   ///< the newest by event time
};

/// What was known, pinned by each query's as_of. Newest event first; ties by subject, source, id. Of each identity the last revision known then.
class ObservationView {
 public:
  virtual ~ObservationView() = default;
  virtual std::vector<const Observation*> known(const ObservationQuery& query) const = 0;
};

/// What to load of a store: the rows of one series that became available last.
struct ObservationLoad {
  std::string_view series;  ///< empty = every series
  TimeNs from{INT64_MIN};   ///< first event time
  TimeNs as_of{INT64_MAX};  ///< nothing that became available later
  std::size_t limit = 1;    ///< at most so many rows, the newest
};

/// How much a store keeps of what one source says of one subject.
struct ObservationCount {
  std::string series, subject, source;
  std::int64_t rows = 0;  ///< revisions too
  TimeNs newest_event{};
  TimeNs last_known{};  ///< greatest available_at
  bool operator==(const ObservationCount&) const = default;
};

/// Observations at rest. Each call may block on disk; one object per thread. Contract tests in ports/observation_contract.h.
class ObservationStore {
 public:
  virtual ~ObservationStore() = default;
  /// Keeps all or, on error, none; gives the number of rows that said something new. What was known already at its available_at (same identity, value and text)
  /// is not kept again, so a feed may be fetched over and over. A kept row never changes: another value for the same identity and available_at is a `conflict`.
  virtual StoreResult<std::size_t> put(std::span<const Observation> observations) = 0;
  /// Every row, revisions too, with available_at <= as_of and event_time >= from; in order of available_at, then identity. At most `limit`, the newest.
  virtual StoreResult<std::vector<Observation>> load(const ObservationLoad& what) = 0;
  /// Names of the series of which something is kept, rising.
  virtual StoreResult<std::vector<std::string>> kept_series() = 0;
  /// In order of series, subject, source. Of one series at most `limit`, those that were last heard of: a series of many subjects pushes out no other series.
  virtual StoreResult<std::vector<ObservationCount>> counts(std::size_t limit) = 0;
};

}  // namespace prom
