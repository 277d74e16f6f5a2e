// Journals of older versions stay readable: tests/fixtures/journal/vN was written once by version N of the format and is compared with a summary kept as
// text, in words that do not change when a struct gains a field. A new version adds a folder; an old one is never written again.
// (To make the folder of a new version: PROM_WRITE_JOURNAL_FIXTURE=DIR store_journal_file_test --gtest_filter='JournalFixture.*'.)
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "adapters/stores/journal_file/journal_file.h"

namespace prom {
namespace {

Frame frame_with(std::uint64_t seq, InputBody body) {
  Frame frame;
  frame.seq = seq;
  frame.input = {TimeNs{1'746'316'800'000'000'000 + static_cast<std::int64_t>(seq) * 60'000'000'000}, seq, std::move(body)};
  return frame;
}

std::vector<Frame> sample() {
  std::vector<Frame> frames;
  frames.push_back(frame_with(1, AssetRegistered{AssetIx{0}, "USDT"}));
  frames.back().events.emplace_back(InputTaken{});
  Instrument instrument;
  instrument.symbol = "BTCUSDT";
  instrument.payoff = Payoff::linear;
  instrument.price_digits = 2;
  instrument.tiers = {{Decimal::from_int(50'000), Decimal::from_int(125), Decimal::from_units(4, 3)}};
  frames.push_back(frame_with(2, InstrumentRegistered{instrument}));
  frames.back().events.emplace_back(InputTaken{});
  const Decimal deposit = Decimal::from_units(1'000'000'000'001, 8);
  frames.push_back(frame_with(3, TransferBooked{AccountIx{0}, {AssetIx{0}, deposit}}));
  frames.back().events.emplace_back(InputTaken{});
  frames.back().events.emplace_back(Posted{{TimeNs{3}, AccountIx{0}, AssetIx{0}, PostingKind::transfer, deposit, InstrumentIx{}, 3}});
  frames.push_back(frame_with(4, BarClosed{InstrumentIx{0}, kMinute, {TimeNs{60}, {9'500'000}, {9'510'000}, {9'490'000}, {9'505'000}, {1234}}}));
  OrderSpec spec;
  spec.id = OrderId{1};
  spec.quantity = {250};
  spec.limit = PriceUnits{9'500'000};
  frames.push_back(frame_with(5, TimePassed{}));
  frames.back().events.emplace_back(OrderCreated{spec});
  frames.back().commands.emplace_back(Alert{Severity::warning, UserIx{0}, "test_alert", "text with \"quotes\""});
  frames.back().commands.emplace_back(QueryOrder{OrderId{1}, {AccountIx{0}, 2, OrderId{1}}, InstrumentIx{0}});
  Fill fill;
  fill.trade = VenueTradeId{0xffff'ffff'ffff'fff0ULL};
  fill.order = OrderId{1};
  fill.price = {9'499'999};
  fill.quantity = {250};
  fill.fee = {AssetIx{0}, Decimal::from_units(-5, 12)};
  frames.push_back(frame_with(6, VenueFilled{fill}));
  frames.back().events.emplace_back(FillApplied{fill});
  frames.push_back(frame_with(7, TimePassed{}));
  frames.back().events.emplace_back(ProposalDenied{ProposalId{9}, {DenialCode::order_rate_exceeded, Decimal::from_int(60), Decimal::from_int(61)}});
  return frames;
}

void describe(std::ostream& out, const Event& event) {
  out << " event" << event.index();
  if (const auto* e = std::get_if<Posted>(&event)) out << ":" << e->posting.amount.to_string();
  if (const auto* e = std::get_if<OrderCreated>(&event))
    out << ":" << e->spec.id.v << "," << e->spec.quantity.v << "," << e->spec.limit.value_or(PriceUnits{}).v;
  if (const auto* e = std::get_if<FillApplied>(&event)) out << ":" << e->fill.trade.v << "," << e->fill.price.v << "," << e->fill.fee.amount.to_string();
  if (const auto* e = std::get_if<ProposalDenied>(&event)) out << ":" << e->proposal.v << "," << e->denial.actual.to_string();
}

std::string describe(const RecordedFrame& frame) {
  std::ostringstream out;
  out << frame.seq << " at " << frame.input.available_at.ns << " input" << frame.input.body.index();
  if (const auto* i = std::get_if<AssetRegistered>(&frame.input.body)) out << ":" << i->name;
  if (const auto* i = std::get_if<InstrumentRegistered>(&frame.input.body))
    out << ":" << i->instrument.symbol << "," << i->instrument.tiers.at(0).maintenance_rate.to_string();
  if (const auto* i = std::get_if<BarClosed>(&frame.input.body)) out << ":" << i->bar.high.v << "," << i->bar.volume.v;
  for (const Event& event : frame.events) describe(out, event);
  for (const RecordedCommand& command : frame.commands) {
    out << " command" << command.index();
    if (const auto* c = std::get_if<Alert>(&command)) out << ":" << c->code << "," << c->text;
    if (const auto* c = std::get_if<QueryOrder>(&command)) out << ":" << c->client_id.epoch;
  }
  return out.str();
}

void write_fixture(const std::string& directory) {
  JournalFileOptions options;
  options.directory = directory;
  options.segment_bytes = 600;
  for (const Frame& frame : sample()) {
    auto writer = open_journal_writer(options);
    ASSERT_TRUE(writer) << writer.error().detail;
    if (frame.seq <= (*writer)->durable_seq()) continue;
    ASSERT_TRUE((*writer)->append(frame));
    ASSERT_TRUE((*writer)->commit());
  }
}

TEST(JournalFixture, EveryVersionReadsAsItWasWritten) {
  if (const char* directory = std::getenv("PROM_WRITE_JOURNAL_FIXTURE")) write_fixture(directory);
  const std::vector<std::string> expected = {
      "1 at 1746316860000000000 input4:USDT event0",
      "2 at 1746316920000000000 input5:BTCUSDT,0.004 event0",
      "3 at 1746316980000000000 input9 event0 event6:10000.00000001",
      "4 at 1746317040000000000 input0:9510000,1234",
      "5 at 1746317100000000000 input3 event1:1,250,9500000 command6:test_alert,text with \"quotes\" command4:2",
      "6 at 1746317160000000000 input26 event4:18446744073709551600,9499999,-0.000000000005",
      "7 at 1746317220000000000 input3 event10:9,61",
  };
  for (const char* version : {"v1"}) {
    std::vector<std::string> got;
    const auto reader = open_journal_reader(std::string(PROM_SOURCE_DIR) + "/tests/fixtures/journal/" + version);
    const auto last = reader->read(1, [&](const RecordedFrame& frame) {
      got.push_back(describe(frame));
      return true;
    });
    ASSERT_TRUE(last) << version << ": " << last.error().path << ": " << last.error().detail;
    EXPECT_EQ(got, expected) << version;
  }
}

}  // namespace
}  // namespace prom
