// Tools against a second implementation in Python over exact fractions (tests/fixtures/tools/make_answers.py) and, where their definitions are those of other people's
// libraries, against these (make_library_answers.py, make_drawn_library_answers.py). Single thread.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "base/proof_test_support.h"
#include "base/text.h"
#include "tools/test_support.h"

namespace prom {
namespace {

constexpr TimeNs kNow{1'741'080'000'000'000'000};  // 2025-03-04T09:20:00Z, as make_world.py has it

std::string read_fixture(const std::string& name) {
  std::ifstream in(std::string(PROM_SOURCE_DIR) + "/tests/fixtures/tools/" + name);
  EXPECT_TRUE(in.good()) << name;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Rows below the header.
std::vector<std::vector<std::string>> rows_of(const std::string& text, char separator) {
  std::vector<std::vector<std::string>> out;
  for (const std::string_view line : split(text, '\n')) {
    if (line.empty()) continue;
    out.emplace_back();
    for (const std::string_view cell : split(line, separator)) out.back().emplace_back(cell);
  }
  out.erase(out.begin());
  return out;
}

ColumnMarketView drawn_market() {
  std::map<std::string, std::shared_ptr<BarColumns>> columns;
  const std::string text = read_fixture("bars.csv");
  for (const auto& row : rows_of(text, ',')) {
    auto& bars = columns[row[0]];
    if (!bars) {
      bars = std::make_shared<BarColumns>();
      bars->price_digits = 2;
      bars->quantity_digits = 3;
      bars->interval = kMinute;
    }
    std::vector<std::int64_t>* const order[] = {&bars->open_time_ns,    &bars->open, &bars->high, &bars->low, &bars->close, &bars->volume,
                                                &bars->taker_buy_volume};
    for (std::size_t i = 0; i < std::size(order); ++i) order[i]->push_back(std::stoll(row[i + 1]));
  }
  std::vector<ColumnMarketSource> sources;
  for (const auto& [symbol, bars] : columns) {
    std::vector<FundingObservation> funding;
    if (symbol == "ETHUSDT") funding.push_back({kNow - kHour, kNow - kHour, 0.00012, Provenance::venue});
    const auto ix = static_cast<std::uint16_t>(sources.size());
    sources.push_back({test::perp(ix, symbol, static_cast<std::uint16_t>(ix + 1)), bars, funding, "drawn"});
  }
  auto view = ColumnMarketView::make(std::move(sources));
  EXPECT_TRUE(view.has_value());
  return std::move(*view);
}

ObservationTable drawn_observations() {
  std::vector<Observation> out;
  const std::string text = read_fixture("observations.tsv");
  for (const auto& row : rows_of(text, '\t')) {
    Observation o;
    o.series = row[0], o.subject = row[1], o.source = row[2], o.id = row[3];
    o.event_time = {std::stoll(row[4])};
    o.available_at = {std::stoll(row[5])};
    if (!row[6].empty()) o.value = parse_f64(row[6]);
    o.text = row[7];
    out.push_back(std::move(o));
  }
  return ObservationTable(std::move(out));
}

/// "gaps.3.top" -> "gaps.top": the values of one output, whose typical size is theirs together.
std::string output_of(const std::string& path) {
  std::string out;
  for (const std::string_view part : split(path, '.')) {
    if (part.find_first_not_of("0123456789") == std::string_view::npos) continue;
    out += out.empty() ? std::string(part) : "." + std::string(part);
  }
  return out;
}

struct Checked {
  std::map<std::string, test::WorstError> outputs;
  std::size_t words = 0;
  std::string by;  ///< who answered, where the answer says it
};

/// One expected answer against the tool's.
void check(const Value& answer, const ToolContext& context, Checked& checked) {
  const std::string tool(*answer.text("tool"));
  const auto result = call_tool(tool, context, {*answer.find("arguments"), SeriesWanted::no});
  ASSERT_TRUE(result.has_value()) << tool << ": " << result.error().message;
  for (const auto& [path, expected] : std::get<ValueObject>(answer.find("expected")->storage())) {
    const Value* actual = result->result.find(path);
    ASSERT_NE(actual, nullptr) << tool << ' ' << path << ' ' << to_json(result->result);
    if (const auto number = expected.number()) {
      ASSERT_TRUE(actual->number()) << tool << ' ' << path << " is no number";
      checked.outputs[output_of(path)].add(*actual->number(), *number);
    } else {
      ASSERT_EQ(to_json(*actual), to_json(expected)) << tool << ' ' << path;
      ++checked.words;
    }
  }
}

struct Shown {
  std::size_t tools = 0, values = 0;
};

/// Whose answers a file holds.
struct Whose {
  test::ProofKind kind = test::ProofKind::second;
  std::string_view who = "own second implementation in Python over exact fractions";
};

/// Every answer of a file; each tool's figures are recorded.
Shown compare_all(const std::string& file, const ToolContext& context, const Whose& whose = {}) {
  const Value answers = test::json(read_fixture(file));
  std::map<std::string, Checked> tools;
  for (const Value& answer : std::get<ValueList>(answers.storage())) {
    ToolContext asked = context;
    // A day is over, and what is said of it known, when the next begins.
    if (const auto day = answer.text("day")) asked.as_of.time = *parse_time_any(*day) + kDay;
    Checked& checked = tools[std::string(*answer.text("tool"))];
    if (const auto by = answer.text("by")) checked.by = *by;
    check(answer, asked, checked);
  }
  Shown shown{tools.size(), 0};
  for (const auto& [tool, checked] : tools) {
    std::size_t of_tool = checked.words;
    double worst = 0;
    std::string outputs;
    for (const auto& [output, errors] : checked.outputs) {
      EXPECT_LE(errors.worst(), 1e-9) << tool << ' ' << output;
      worst = std::max(worst, errors.worst());
      of_tool += errors.values();
      outputs += (outputs.empty() ? "" : ", ") + output;
    }
    test::record_proof({tool, whose.kind, checked.by.empty() ? whose.who : checked.by, outputs, of_tool, worst});
    shown.values += of_tool;
  }
  return shown;
}

TEST(SecondAnswers, agree_with_an_implementation_in_another_language) {
  const ColumnMarketView view = drawn_market();
  const ObservationTable observations = drawn_observations();
  const std::vector<std::string> names{"USDT", "BTC", "ETH"};
  ToolContext context;
  context.as_of.time = kNow;
  context.timeframe = kMinute;
  context.instrument = InstrumentIx(0);
  context.market = &view;
  context.observations = &observations;
  context.asset_names = names;
  const Shown shown = compare_all("second_answers.json", context);
  EXPECT_EQ(shown.tools, 49U);
  EXPECT_GT(shown.values, 1800U);
  const Shown library = compare_all("library_answers.json", context, {test::ProofKind::outside, "pandas 3.1.1, resampled bars and rolling day"});
  EXPECT_EQ(library.tools, 2U);
  EXPECT_GT(library.values, 1000U);
  const Shown drawn = compare_all("library_drawn_answers.json", context, {test::ProofKind::outside, ""});
  EXPECT_EQ(drawn.tools, 26U);
  EXPECT_GT(drawn.values, 200U);
}

TEST(SecondAnswers, of_an_account_agree_too) {
  const test::World world;
  const Shown shown = compare_all("account_answers.json", world.context);
  EXPECT_EQ(shown.tools, 18U);
  EXPECT_GT(shown.values, 100U);
  const Whose quantstats{test::ProofKind::outside, "QuantStats 0.0.86 over the trades' net results"};
  const Shown library = compare_all("library_account_answers.json", world.context, quantstats);
  EXPECT_EQ(library.tools, 4U);
  EXPECT_EQ(library.values, 40U);
}

std::vector<std::vector<std::string>> quotes(const std::string& name) { return rows_of(read_fixture("../indicators/" + name), ','); }

/// Daily quotes in whole units of volume.
std::shared_ptr<BarColumns> daily_bars(const std::string& name) {
  auto bars = std::make_shared<BarColumns>();
  bars->price_digits = 8;
  bars->interval = kDay;
  for (const auto& row : quotes(name)) {
    bars->open_time_ns.push_back(parse_time_any(row[0])->ns);
    const auto units = [&](std::size_t i) { return static_cast<std::int64_t>(std::llround(*parse_f64(trim(row[i])) * 1e8)); };
    bars->open.push_back(units(1)), bars->high.push_back(units(2)), bars->low.push_back(units(3)), bars->close.push_back(units(4));
    bars->volume.push_back(1);
  }
  return bars;
}

/// The second series' closes are what an outside provider says of each day, and its bars those of a gold token.
TEST(SecondAnswers, of_outside_markets_agree_too) {
  std::vector<Observation> said;
  for (const auto& row : quotes("quotes_compare.csv")) {
    const TimeNs day = *parse_time_any(row[0]);
    for (const std::string_view subject : {"SP500", "DTWEXBGS"})
      said.push_back({std::string(series::kMacro), std::string(subject), "provider", "", day, day + kDay, TrustTier::aggregator, parse_f64(trim(row[4])), ""});
  }
  std::vector<ColumnMarketSource> sources;
  sources.push_back({test::perp(0, "SPY", 1), daily_bars("quotes_default.csv"), {}, "daily quotes"});
  sources.push_back({test::perp(1, "PAXGUSDT", 2), daily_bars("quotes_compare.csv"), {}, "daily quotes"});
  const auto view = ColumnMarketView::make(std::move(sources));
  ASSERT_TRUE(view.has_value());
  const ObservationTable observations(std::move(said));
  ToolContext context;
  context.timeframe = kDay;
  context.market = &*view;
  context.observations = &observations;
  const Shown shown = compare_all("outside_market_answers.json", context);
  EXPECT_EQ(shown.tools, 3U);
  EXPECT_GT(shown.values, 150U);
  const Shown library = compare_all("library_outside_market_answers.json", context, {test::ProofKind::outside, "SciPy 1.17.1, pearsonr and linregress"});
  EXPECT_EQ(library.tools, 3U);
  EXPECT_EQ(library.values, shown.values);
}

}  // namespace
}  // namespace prom
