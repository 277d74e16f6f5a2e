// What every market store must do. An implementation includes this in one test file and instantiates MarketStoreContract with a case that opens a fresh
// store in a given folder (opening the same folder again must give the same content).
#pragma once

#include <gtest/gtest.h>  // tidy-ok(heavy_headers): included by contract tests only
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "ports/market_store.h"
#include "ports/market_store_contract_bars.h"

namespace prom {

struct MarketStoreCase {
  std::string name;
  std::function<StoreResult<std::unique_ptr<MarketStore>>(const std::filesystem::path&)> open;
};

class MarketStoreContract : public testing::TestWithParam<MarketStoreCase> {
 protected:
  void SetUp() override {
    static int serial = 0;
    dir_ = std::filesystem::temp_directory_path() / ("prom_market_" + std::to_string(::getpid()) + "_" + std::to_string(++serial));
    std::filesystem::create_directories(dir_);
    store_ = reopen();
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(dir_);
  }
  std::unique_ptr<MarketStore> reopen() {
    auto opened = GetParam().open(dir_);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().detail);
    return opened ? std::move(*opened) : nullptr;
  }
  BarColumns all(const SeriesKey& key) {
    auto got = store_->bars(key, TimeNs{0}, TimeNs{INT64_MAX}, UINT64_MAX);
    EXPECT_TRUE(got) << (got ? "" : got.error().detail);
    return got ? std::move(*got) : BarColumns{};
  }
  const SeriesKey key_{"binance:spot:BTCUSDT", kMinute};
  std::filesystem::path dir_;
  std::unique_ptr<MarketStore> store_;
};

TEST_P(MarketStoreContract, GivesBackWhatWasPutAlsoAfterReopening) {
  const BarColumns bars = contract_bars(100, 50, TakerSide::known);
  ASSERT_TRUE(store_->put_bars(key_, bars, "a.csv"));
  store_ = reopen();
  const BarColumns got = all(key_);
  EXPECT_EQ(got.open_time_ns, bars.open_time_ns);
  EXPECT_EQ(got.open, bars.open);
  EXPECT_EQ(got.high, bars.high);
  EXPECT_EQ(got.low, bars.low);
  EXPECT_EQ(got.close, bars.close);
  EXPECT_EQ(got.volume, bars.volume);
  EXPECT_EQ(got.taker_buy_volume, bars.taker_buy_volume);
  EXPECT_EQ(got.price_digits, 2);
  EXPECT_EQ(got.quantity_digits, 3);
  EXPECT_EQ(got.interval, kMinute);
  ASSERT_EQ(got.open_f.size(), 50u);
  EXPECT_DOUBLE_EQ(got.open_f[0], 100.03) << "10000 + 100 mod 97, two digits";
}

TEST_P(MarketStoreContract, RangeIsHalfOpenAndLimitKeepsTheNewest) {
  ASSERT_TRUE(store_->put_bars(key_, contract_bars(0, 100, TakerSide::unknown), "a.csv"));
  const auto minutes = [](std::int64_t m) { return TimeNs{m * kMinute.ns}; };
  auto got = store_->bars(key_, minutes(10), minutes(20), 1000);
  ASSERT_TRUE(got);
  ASSERT_EQ(got->size(), 10u);
  EXPECT_EQ(got->open_time_ns.front(), minutes(10).ns);
  EXPECT_EQ(got->open_time_ns.back(), minutes(19).ns);
  got = store_->bars(key_, TimeNs{minutes(10).ns + 1}, TimeNs{minutes(20).ns + 1}, 1000);
  ASSERT_EQ(got->size(), 10u);
  EXPECT_EQ(got->open_time_ns.front(), minutes(11).ns);
  EXPECT_EQ(got->open_time_ns.back(), minutes(20).ns);
  got = store_->bars(key_, minutes(0), minutes(100), 3);
  ASSERT_EQ(got->size(), 3u);
  EXPECT_EQ(got->open_time_ns.front(), minutes(97).ns);
  EXPECT_TRUE(store_->bars(key_, minutes(0), minutes(100), 0)->empty());
  EXPECT_TRUE(store_->bars(key_, minutes(20), minutes(20), 9)->empty());
  EXPECT_TRUE(store_->bars(key_, minutes(500), minutes(600), 9)->empty());
}

TEST_P(MarketStoreContract, ResentBarsReplace) {
  ASSERT_TRUE(store_->put_bars(key_, contract_bars(0, 10, TakerSide::known), "a.csv"));
  BarColumns again = contract_bars(5, 10, TakerSide::known);
  for (auto& close : again.close) close += 1;
  ASSERT_TRUE(store_->put_bars(key_, again, "b.csv"));
  ASSERT_TRUE(store_->put_bars(key_, again, "b.csv")) << "twice changes nothing";
  const BarColumns got = all(key_);
  ASSERT_EQ(got.size(), 15u);
  EXPECT_EQ(got.close[4], 10'004);
  EXPECT_EQ(got.close[5], 10'006);
  const auto series = store_->series();
  ASSERT_TRUE(series);
  ASSERT_EQ(series->size(), 1u);
  EXPECT_EQ((*series)[0].bars, 15u);
  EXPECT_EQ((*series)[0].first.ns, 0);
  EXPECT_EQ((*series)[0].last.ns, 14 * kMinute.ns);
  EXPECT_NE((*series)[0].origin.find("a.csv"), std::string::npos);
  EXPECT_NE((*series)[0].origin.find("b.csv"), std::string::npos);
}

TEST_P(MarketStoreContract, SeriesAreApart) {
  const SeriesKey other{"binance:linear:BTCUSDT", kMinute};
  ASSERT_TRUE(store_->put_bars(key_, contract_bars(0, 10, TakerSide::known), "a"));
  ASSERT_TRUE(store_->put_bars(other, contract_bars(3, 4, TakerSide::unknown), "b"));
  EXPECT_EQ(all(key_).size(), 10u);
  EXPECT_EQ(all(other).size(), 4u);
  EXPECT_TRUE(all(other).taker_buy_volume.empty()) << "unknown, not zero";
  const auto series = store_->series();
  ASSERT_EQ(series->size(), 2u);
  EXPECT_EQ((*series)[0].key, other) << "ordered by instrument";
  const auto missing = store_->bars({"okx:spot:NONE", kMinute}, TimeNs{0}, TimeNs{1}, 1);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, StoreErrorKind::not_found);
}

TEST_P(MarketStoreContract, TakerVolumeIsUnknownWhereAnyBarLacksIt) {
  ASSERT_TRUE(store_->put_bars(key_, contract_bars(0, 10, TakerSide::known), "a"));
  ASSERT_TRUE(store_->put_bars(key_, contract_bars(10, 10, TakerSide::unknown), "b"));
  EXPECT_TRUE(all(key_).taker_buy_volume.empty());
  const auto old = store_->bars(key_, TimeNs{0}, TimeNs{10 * kMinute.ns}, 100);
  EXPECT_EQ(old->taker_buy_volume.size(), 10u);
}

TEST_P(MarketStoreContract, ScalesMeetAtTheFinest) {
  ASSERT_TRUE(store_->put_bars(key_, contract_bars(0, 2, TakerSide::known, 2), "a"));
  ASSERT_TRUE(store_->put_bars(key_, contract_bars(2, 2, TakerSide::known, 4), "b"));
  ASSERT_TRUE(store_->put_bars(key_, contract_bars(4, 2, TakerSide::known, 2), "c"));
  const BarColumns got = all(key_);
  EXPECT_EQ(got.price_digits, 4);
  ASSERT_EQ(got.size(), 6u);
  EXPECT_EQ(got.open, (std::vector<std::int64_t>{1'000'000, 1'000'100, 10'002, 10'003, 1'000'400, 1'000'500}));
  EXPECT_EQ(got.volume[5], 5'005);
}

TEST_P(MarketStoreContract, UnsoundBatchesLeaveNothingBehind) {
  ASSERT_TRUE(store_->put_bars(key_, contract_bars(0, 5, TakerSide::known), "a"));
  const auto refuse = [&](auto spoil) {
    BarColumns bad = contract_bars(5, 100, TakerSide::known);
    spoil(bad);
    const auto put = store_->put_bars(key_, bad, "bad");
    ASSERT_FALSE(put);
    EXPECT_EQ(put.error().kind, StoreErrorKind::bad_argument);
    EXPECT_EQ(all(key_).size(), 5u);
  };
  refuse([](BarColumns& b) { b.low[70] = 0; });
  refuse([](BarColumns& b) { b.high[70] = 1; });
  refuse([](BarColumns& b) { b.volume[70] = -1; });
  refuse([](BarColumns& b) { b.taker_buy_volume[70] = b.volume[70] + 1; });
  refuse([](BarColumns& b) { std::swap(b.open_time_ns[70], b.open_time_ns[71]); });
  refuse([](BarColumns& b) { b.open_time_ns[71] = b.open_time_ns[70]; });
  refuse([](BarColumns& b) { b.open_time_ns[99] += kSecond.ns; });
  refuse([](BarColumns& b) { b.close.pop_back(); });
  refuse([](BarColumns& b) { b.interval = kHour; });
  EXPECT_EQ(store_->series()->at(0).origin, "a");
}

TEST_P(MarketStoreContract, FundingComesBackInOrder) {
  const auto rate = [](std::int64_t units) { return Decimal::from_units(units, 8); };
  const std::vector<FundingRow> rows{{TimeNs{16 * kHour.ns}, rate(-375)}, {TimeNs{8 * kHour.ns}, rate(10'000)}};
  ASSERT_TRUE(store_->put_funding("x:linear:Y", rows));
  ASSERT_TRUE(store_->put_funding("x:linear:Y", {{TimeNs{8 * kHour.ns}, rate(20'000)}}));
  store_ = reopen();
  const auto got = store_->funding("x:linear:Y", TimeNs{0}, TimeNs{24 * kHour.ns});
  ASSERT_TRUE(got);
  ASSERT_EQ(got->size(), 2u);
  EXPECT_EQ((*got)[0].rate.to_string(), "0.0002") << "re-sent rates replace";
  EXPECT_EQ((*got)[1].rate.to_string(), "-0.00000375");
  EXPECT_EQ(store_->funding("x:linear:Y", TimeNs{0}, TimeNs{16 * kHour.ns})->size(), 1u) << "half open";
  EXPECT_TRUE(store_->funding("nobody", TimeNs{0}, TimeNs{1})->empty());
  const auto held = store_->funding_held();
  ASSERT_TRUE(held);
  ASSERT_EQ(held->size(), 1u);
  EXPECT_EQ(held->at(0).instrument, "x:linear:Y");
  EXPECT_EQ(held->at(0).rates, 2u) << "a rate that was sent again is one";
  EXPECT_EQ(held->at(0).first.ns, 8 * kHour.ns);
  EXPECT_EQ(held->at(0).last.ns, 16 * kHour.ns);
  EXPECT_FALSE(store_->put_funding("x:linear:Y", {{TimeNs{24 * kHour.ns}, rate(1)}, {TimeNs{32 * kHour.ns}, Decimal::from_int(2)}}));
  EXPECT_EQ(store_->funding("x:linear:Y", TimeNs{0}, TimeNs{99 * kHour.ns})->size(), 2u) << "nothing of a refused batch";
}

}  // namespace prom
