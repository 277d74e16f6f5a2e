// What every observation store must do. An implementation includes this in one test file and instantiates ObservationStoreContract with a case that opens a
// store in a given folder (opening the same folder again must give the same content).
#pragma once

#include <gtest/gtest.h>  // tidy-ok(heavy_headers): included by contract tests only
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ports/observations.h"

namespace prom {

struct ObservationStoreCase {
  std::string name;
  std::function<StoreResult<std::unique_ptr<ObservationStore>>(const std::filesystem::path&)> open;
};

class ObservationStoreContract : public testing::TestWithParam<ObservationStoreCase> {
 protected:
  void SetUp() override {
    static int serial = 0;
    dir_ = std::filesystem::temp_directory_path() / ("prom_observations_" + std::to_string(::getpid()) + "_" + std::to_string(++serial));
    std::filesystem::create_directories(dir_);
    store_ = reopen();
    ASSERT_NE(store_, nullptr);
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(dir_);
  }
  std::unique_ptr<ObservationStore> reopen() {
    auto opened = GetParam().open(dir_);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().detail);
    return opened ? std::move(*opened) : nullptr;
  }
  static Observation said(std::int64_t event, std::int64_t available, std::optional<double> value, std::string text = "") {
    return {"macro.series", "GDP", "FRED", "id", TimeNs{event}, TimeNs{available}, TrustTier::publisher, value, std::move(text)};
  }
  std::size_t put(const std::vector<Observation>& rows) {
    const auto kept = store_->put(rows);
    EXPECT_TRUE(kept) << (kept ? "" : kept.error().detail);
    return kept ? *kept : SIZE_MAX;
  }
  std::vector<Observation> all(std::int64_t as_of = INT64_MAX) {
    auto got = store_->load({.series = "", .as_of = TimeNs{as_of}, .limit = 1000});
    EXPECT_TRUE(got) << (got ? "" : got.error().detail);
    return got ? std::move(*got) : std::vector<Observation>{};
  }
  std::filesystem::path dir_;
  std::unique_ptr<ObservationStore> store_;
};

TEST_P(ObservationStoreContract, gives_back_what_was_put_also_after_reopening) {
  const std::vector<Observation> rows{said(-5, 100, 0.1), said(1'700'000'000'000'000'001, 101, std::nullopt, "nul \xC3\xA9 'quoted'"), said(7, 102, -1e-300)};
  EXPECT_EQ(put(rows), 3u);
  store_ = reopen();
  EXPECT_EQ(all(), rows);
}

TEST_P(ObservationStoreContract, nothing_that_became_known_later_is_loaded) {
  put({said(1, 100, 1.0), said(2, 200, 2.0), said(3, 300, 3.0)});
  EXPECT_EQ(all(99).size(), 0u);
  EXPECT_EQ(all(200).size(), 2u) << "known at the instant itself";
  EXPECT_EQ(store_->load({.series = "", .from = TimeNs{2}, .as_of = TimeNs{300}, .limit = 1000})->size(), 2u) << "from is an event time";
  const auto newest = store_->load({.series = "", .from = TimeNs{0}, .as_of = TimeNs{300}, .limit = 2});
  ASSERT_EQ(newest->size(), 2u);
  EXPECT_EQ((*newest)[0].value, 2.0) << "the newest, in order";
}

TEST_P(ObservationStoreContract, a_load_of_one_series_is_limited_by_that_series_alone) {
  const auto of = [](std::string series, std::string subject, std::int64_t time) {
    Observation o = said(time, time, static_cast<double>(time));
    o.series = std::move(series);
    o.subject = std::move(subject);
    return o;
  };
  put({of("chain.sopr", "BTC", 10), of("options.forward", "A", 100), of("options.forward", "B", 200), of("options.forward", "A", 300)});
  const auto slow = store_->load({.series = "chain.sopr", .limit = 2});
  ASSERT_TRUE(slow) << slow.error().detail;
  EXPECT_EQ(*slow, std::vector{of("chain.sopr", "BTC", 10)});
  EXPECT_EQ(*store_->load({.series = "options.forward", .limit = 2}), (std::vector{of("options.forward", "B", 200), of("options.forward", "A", 300)}));
  EXPECT_EQ(*store_->load({.series = "options.forward", .from = TimeNs{100}, .as_of = TimeNs{299}, .limit = 9}),
            (std::vector{of("options.forward", "A", 100), of("options.forward", "B", 200)}));
  EXPECT_TRUE(store_->load({.series = "options", .limit = 9})->empty()) << "a name, not the beginning of one";
  EXPECT_TRUE(store_->load({.series = "options.forward", .limit = 0})->empty());
}

TEST_P(ObservationStoreContract, counts_of_one_series_push_out_no_other) {
  EXPECT_TRUE(store_->kept_series()->empty());
  EXPECT_TRUE(store_->counts(9)->empty());
  const auto of = [](std::string series, std::string subject, std::string source, std::int64_t event, std::int64_t known) {
    Observation o = said(event, known, static_cast<double>(known));
    o.series = std::move(series);
    o.subject = std::move(subject);
    o.source = std::move(source);
    return o;
  };
  put({of("options.forward", "A", "Deribit", 5, 10), of("options.forward", "B", "Deribit", 6, 30), of("options.forward", "C", "Deribit", 7, 20),
       of("chain.sopr", "BTC", "Glassnode", 9, 1), of("chain.sopr", "BTC", "Glassnode", 8, 2), of("chain.sopr", "BTC", "Glassnode", 8, 3)});
  const auto series = store_->kept_series();
  ASSERT_TRUE(series) << series.error().detail;
  EXPECT_EQ(*series, (std::vector<std::string>{"chain.sopr", "options.forward"}));
  const ObservationCount sopr{"chain.sopr", "BTC", "Glassnode", 3, TimeNs{9}, TimeNs{3}};
  const ObservationCount b{"options.forward", "B", "Deribit", 1, TimeNs{6}, TimeNs{30}}, c{"options.forward", "C", "Deribit", 1, TimeNs{7}, TimeNs{20}};
  const auto two = store_->counts(2);
  ASSERT_TRUE(two) << two.error().detail;
  EXPECT_EQ(*two, (std::vector{sopr, b, c})) << "those that were last heard of";
  EXPECT_EQ(store_->counts(9)->size(), 4u);
}

TEST_P(ObservationStoreContract, fetching_the_same_again_keeps_the_first_time_it_was_known) {
  EXPECT_EQ(put({said(1, 100, 1.0)}), 1u);
  EXPECT_EQ(put({said(1, 150, 1.0), said(1, 160, 1.0)}), 0u);
  ASSERT_EQ(all().size(), 1u);
  EXPECT_EQ(all()[0].available_at.ns, 100);
}

TEST_P(ObservationStoreContract, a_revision_is_a_further_row_and_the_first_saying_stays) {
  put({said(1, 100, 1.0)});
  EXPECT_EQ(put({said(1, 200, 1.5)}), 1u);
  EXPECT_EQ(put({said(1, 300, 1.0)}), 1u) << "back to the first value is news again";
  ASSERT_EQ(all().size(), 3u);
  EXPECT_EQ(all(150).size(), 1u);
  EXPECT_EQ(all(150)[0].value, 1.0);
}

TEST_P(ObservationStoreContract, what_was_known_is_never_rewritten) {
  put({said(1, 100, 1.0)});
  const auto refused = store_->put(std::vector<Observation>{said(2, 100, 5.0), said(1, 100, 9.0)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, StoreErrorKind::conflict);
  ASSERT_EQ(all().size(), 1u) << "nothing of a refused batch";
  EXPECT_EQ(all()[0].value, 1.0);
}

TEST_P(ObservationStoreContract, unsound_batches_leave_nothing_behind) {
  const auto refused = store_->put(std::vector<Observation>{said(2, 100, 5.0), said(1, 100, std::nullopt)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, StoreErrorKind::bad_argument);
  EXPECT_TRUE(all().empty());
}

}  // namespace prom
