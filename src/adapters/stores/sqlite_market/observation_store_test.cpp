// The contract of observation stores on SQLite, and how far another store has a copy.
#include "adapters/stores/sqlite_market/observation_store.h"

#include <unistd.h>

#include <vector>

#include "ports/observation_contract.h"

namespace prom {
namespace {

INSTANTIATE_TEST_SUITE_P(Sqlite, ObservationStoreContract,
                         testing::Values(ObservationStoreCase{
                             "sqlite", [](const std::filesystem::path& dir) { return open_sqlite_observation_store((dir / "market.db").string()); }}),
                         [](const auto& info) { return info.param.name; });

struct ObservationCopies : testing::Test {
  void SetUp() override { store = *open_sqlite_observation_store(path.string()); }
  void TearDown() override {
    store.reset();
    for (const char* side : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + side);
  }
  static Observation said(std::int64_t event, std::int64_t known) {
    Observation o;
    o.series = series::kFearGreed;
    o.source = "test";
    o.event_time = TimeNs{event};
    o.available_at = TimeNs{known};
    o.value = 50.0;
    return o;
  }
  void put(std::int64_t event, std::int64_t known) {
    const Observation o = said(event, known);
    ASSERT_TRUE(store->put(std::span(&o, 1)));
  }
  std::vector<std::int64_t> left(const std::string& place) {
    std::vector<std::int64_t> out;
    EXPECT_TRUE(store->known_after(*store->copied(place), [&](const Observation& o) {
      out.push_back(o.available_at.ns);
      return true;
    }));
    return out;
  }
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("prom_copies_" + std::to_string(::getpid()) + ".db");
  std::unique_ptr<SqliteObservationStore> store;
};

TEST_F(ObservationCopies, each_place_gets_what_it_has_not_in_the_order_in_which_it_became_known) {
  put(10, 300);
  put(20, 100);
  put(30, 200);
  EXPECT_EQ(left("a"), (std::vector<std::int64_t>{100, 200, 300}));
  ASSERT_TRUE(store->set_copied("a", TimeNs{200}));
  EXPECT_EQ(left("a"), (std::vector<std::int64_t>{300}));
  EXPECT_EQ(left("b"), (std::vector<std::int64_t>{100, 200, 300}));
}

TEST_F(ObservationCopies, what_is_kept_later_under_an_earlier_instant_is_not_left_out) {
  put(10, 300);
  ASSERT_TRUE(store->set_copied("a", TimeNs{300}));
  put(10, 400);  // says nothing new
  EXPECT_EQ(left("a"), std::vector<std::int64_t>{});
  put(20, 250);
  EXPECT_EQ(left("a"), (std::vector<std::int64_t>{250, 300}));
  ASSERT_TRUE(store->set_copied("a", TimeNs{300}));
  store.reset();
  store = *open_sqlite_observation_store(path.string());
  EXPECT_EQ(left("a"), std::vector<std::int64_t>{}) << "it is kept with the rows";
}

TEST_F(ObservationCopies, a_reader_may_stop) {
  put(10, 100);
  put(20, 200);
  int taken = 0;
  ASSERT_TRUE(store->known_after(TimeNs{0}, [&](const Observation&) { return ++taken < 1; }));
  EXPECT_EQ(taken, 1);
}

}  // namespace
}  // namespace prom
