// The order state table against a list written by hand, and client order ids.
#include "domain/order.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/prng.h"
#include "domain/enum_text.h"

namespace prom {
namespace {

// For each state, what each event leads to. Whatever is not listed cannot happen.
// tidy-ok(function_length): one table of all moves reads best as one table
const std::map<std::string, std::map<std::string, std::string>>& expected_moves() {
  static const std::map<std::string, std::map<std::string, std::string>> moves{
      {"pending",
       {{"sent", "sent"},
        {"not_sent", "not_sent"},
        {"accepted", "accepted"},
        {"rejected", "rejected"},
        {"in_doubt", "in_doubt"},
        {"triggered", "triggered"},
        {"partially_filled", "partially_filled"},
        {"filled", "filled"},
        {"cancel_requested", "cancel_pending"},
        {"cancelled", "cancelled"},
        {"expired", "expired"}}},
      {"sent",
       {{"not_sent", "not_sent"},
        {"accepted", "accepted"},
        {"rejected", "rejected"},
        {"in_doubt", "in_doubt"},
        {"triggered", "triggered"},
        {"partially_filled", "partially_filled"},
        {"filled", "filled"},
        {"cancel_requested", "cancel_pending"},
        {"cancelled", "cancelled"},
        {"expired", "expired"}}},
      {"accepted",
       {{"sent", "accepted"},
        {"accepted", "accepted"},
        {"rejected", "rejected"},
        {"in_doubt", "in_doubt"},
        {"triggered", "triggered"},
        {"partially_filled", "partially_filled"},
        {"filled", "filled"},
        {"cancel_requested", "cancel_pending"},
        {"cancelled", "cancelled"},
        {"amend_requested", "amend_pending"},
        {"amended", "accepted"},
        {"amend_refused", "accepted"},
        {"expired", "expired"}}},
      {"triggered",
       {{"sent", "triggered"},
        {"accepted", "triggered"},
        {"rejected", "rejected"},
        {"in_doubt", "in_doubt"},
        {"triggered", "triggered"},
        {"partially_filled", "partially_filled"},
        {"filled", "filled"},
        {"cancel_requested", "cancel_pending"},
        {"cancelled", "cancelled"},
        {"amended", "triggered"},
        {"amend_refused", "triggered"},
        {"expired", "expired"}}},
      {"partially_filled",
       {{"sent", "partially_filled"},
        {"accepted", "partially_filled"},
        {"in_doubt", "in_doubt"},
        {"triggered", "partially_filled"},
        {"partially_filled", "partially_filled"},
        {"filled", "filled"},
        {"cancel_requested", "cancel_pending"},
        {"cancelled", "cancelled"},
        {"amend_requested", "amend_pending"},
        {"amended", "partially_filled"},
        {"amend_refused", "partially_filled"},
        {"expired", "expired"}}},
      {"cancel_pending",
       {{"sent", "cancel_pending"},
        {"not_sent", "not_sent"},
        {"accepted", "cancel_pending"},
        {"rejected", "rejected"},
        {"in_doubt", "in_doubt"},
        {"triggered", "cancel_pending"},
        {"partially_filled", "cancel_pending"},
        {"filled", "filled"},
        {"cancel_requested", "cancel_pending"},
        {"cancel_refused", "in_doubt"},
        {"cancelled", "cancelled"},
        {"amended", "cancel_pending"},
        {"amend_refused", "cancel_pending"},
        {"expired", "expired"}}},
      {"amend_pending",
       {{"sent", "amend_pending"},
        {"accepted", "amend_pending"},
        {"rejected", "rejected"},
        {"in_doubt", "in_doubt"},
        {"triggered", "triggered"},
        {"partially_filled", "amend_pending"},
        {"filled", "filled"},
        {"cancel_requested", "cancel_pending"},
        {"cancelled", "cancelled"},
        {"amended", "accepted"},
        {"amend_refused", "accepted"},
        {"expired", "expired"}}},
      {"in_doubt",
       {{"not_sent", "not_sent"},
        {"accepted", "accepted"},
        {"rejected", "rejected"},
        {"in_doubt", "in_doubt"},
        {"triggered", "triggered"},
        {"partially_filled", "partially_filled"},
        {"filled", "filled"},
        {"cancel_requested", "in_doubt"},
        {"cancel_refused", "in_doubt"},
        {"cancelled", "cancelled"},
        {"amended", "accepted"},
        {"amend_refused", "in_doubt"},
        {"expired", "expired"},
        {"found_absent", "not_sent"}}},
      {"filled",
       {{"sent", "filled"},
        {"accepted", "filled"},
        {"in_doubt", "filled"},
        {"triggered", "filled"},
        {"partially_filled", "filled"},
        {"filled", "filled"},
        {"cancel_refused", "filled"},
        {"cancelled", "filled"},
        {"amended", "filled"},
        {"amend_refused", "filled"},
        {"expired", "filled"}}},
      {"cancelled",
       {{"sent", "cancelled"},
        {"accepted", "cancelled"},
        {"in_doubt", "cancelled"},
        {"triggered", "cancelled"},
        {"partially_filled", "cancelled"},
        {"filled", "filled"},
        {"cancel_refused", "cancelled"},
        {"cancelled", "cancelled"},
        {"amended", "cancelled"},
        {"amend_refused", "cancelled"},
        {"expired", "cancelled"}}},
      {"rejected",
       {{"sent", "rejected"},
        {"accepted", "accepted"},
        {"rejected", "rejected"},
        {"in_doubt", "rejected"},
        {"triggered", "triggered"},
        {"partially_filled", "partially_filled"},
        {"filled", "filled"},
        {"cancel_refused", "rejected"},
        {"cancelled", "rejected"},
        {"amend_refused", "rejected"},
        {"expired", "rejected"}}},
      {"expired",
       {{"sent", "expired"},
        {"accepted", "expired"},
        {"in_doubt", "expired"},
        {"triggered", "expired"},
        {"partially_filled", "expired"},
        {"filled", "filled"},
        {"cancel_refused", "expired"},
        {"cancelled", "expired"},
        {"amended", "expired"},
        {"amend_refused", "expired"},
        {"expired", "expired"}}},
      {"not_sent",
       {{"not_sent", "not_sent"},
        {"accepted", "accepted"},
        {"rejected", "rejected"},
        {"in_doubt", "not_sent"},
        {"triggered", "triggered"},
        {"partially_filled", "partially_filled"},
        {"filled", "filled"},
        {"cancel_refused", "not_sent"},
        {"cancelled", "cancelled"},
        {"amend_refused", "not_sent"},
        {"expired", "expired"}}},
  };
  return moves;
}

TEST(OrderState, EveryPairIsAsListed) {
  ASSERT_EQ(expected_moves().size(), static_cast<std::size_t>(kOrderStateCount));
  int listed = 0;
  for (int s = 0; s < kOrderStateCount; ++s) {
    const auto from = static_cast<OrderState>(s);
    const auto& row = expected_moves().at(std::string(name_of(from)));
    for (int e = 0; e < kOrderEventKindCount; ++e) {
      const auto event = static_cast<OrderEventKind>(e);
      const auto next = next_state(from, event);
      const auto found = row.find(std::string(enum_text(event)));
      if (found == row.end()) {
        EXPECT_FALSE(next.has_value()) << name_of(from) << " + " << enum_text(event);
      } else {
        ASSERT_TRUE(next.has_value()) << name_of(from) << " + " << enum_text(event);
        EXPECT_EQ(name_of(*next), found->second) << name_of(from) << " + " << enum_text(event);
        ++listed;
      }
    }
    listed -= static_cast<int>(row.size());
  }
  EXPECT_EQ(listed, 0) << "the list names an event that does not exist";
}

TEST(OrderState, AFillAlwaysCounts) {
  for (int s = 0; s < kOrderStateCount; ++s) {
    EXPECT_EQ(next_state(static_cast<OrderState>(s), OrderEventKind::filled), OrderState::filled);
    EXPECT_TRUE(next_state(static_cast<OrderState>(s), OrderEventKind::partially_filled).has_value());
  }
}

TEST(OrderState, OurOwnRequestsNeverLeaveATerminalState) {
  for (int s = 0; s < kOrderStateCount; ++s) {
    const auto state = static_cast<OrderState>(s);
    EXPECT_NE(is_terminal(state), may_fill(state));
    if (!is_terminal(state)) continue;
    EXPECT_FALSE(next_state(state, OrderEventKind::cancel_requested).has_value());
    EXPECT_FALSE(next_state(state, OrderEventKind::amend_requested).has_value());
    EXPECT_FALSE(next_state(state, OrderEventKind::found_absent).has_value());
  }
}

TEST(OrderState, EveryDefinitiveAnswerEndsDoubt) {
  for (const auto event : {OrderEventKind::accepted, OrderEventKind::rejected, OrderEventKind::triggered, OrderEventKind::partially_filled,
                           OrderEventKind::filled, OrderEventKind::cancelled, OrderEventKind::expired, OrderEventKind::found_absent}) {
    const auto next = next_state(OrderState::in_doubt, event);
    ASSERT_TRUE(next.has_value());
    EXPECT_NE(*next, OrderState::in_doubt);
  }
}

TEST(ClientOrderId, KnownText) {
  // 35 = Z, 36 = 10, 1295 = ZZ in base 36.
  EXPECT_EQ(to_text({AccountIx(35), 36, OrderId(1295)}), "pZe10sZZ");
  // 2^32-1 = 1Z141Z3 and 2^64-1 = 3W5E11264SGSF in base 36 (python: numpy.base_repr).
  const ClientOrderId largest{AccountIx(UINT32_MAX), UINT32_MAX, OrderId(UINT64_MAX)};
  EXPECT_EQ(to_text(largest), "p1Z141Z3e1Z141Z3s3W5E11264SGSF");
  EXPECT_LE(to_text(largest).size(), 32U);
  EXPECT_EQ(parse_client_order_id("p1Z141Z3e1Z141Z3s3W5E11264SGSF"), largest);
}

TEST(ClientOrderId, RoundTripsAndRefusesOtherTexts) {
  Xoshiro256pp random(11);
  for (int i = 0; i < 2000; ++i) {
    const ClientOrderId id{AccountIx(static_cast<std::uint32_t>(random.next() >> random.range(32, 63))),
                           static_cast<std::uint32_t>(random.next() >> random.range(32, 63)), OrderId(random.next() >> random.range(0, 63))};
    EXPECT_EQ(parse_client_order_id(to_text(id)), id);
  }
  for (const auto* bad : {"", "p", "p1e1s", "p1e1", "1e1s1", "p1e1s1x", "p1e1s1 ", "p01e1s1", "p1e00s1", "p1Z141Z4e1s1", "p1e1Z141Z4s1", "p1e1s3W5E11264SGSG",
                          "P1e1s1", "p1s1e1", "p-1e1s1", "pae1s1"}) {
    EXPECT_FALSE(parse_client_order_id(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace prom
