// The catalogue: the shipped file loads and means what the venues' recorded replies say; a mistake in it is named with its line.
#include "adapters/feeds/archive/catalogue.h"

#include <gtest/gtest.h>

#include <string>

#include "adapters/feeds/archive/import_types.h"

namespace prom {
namespace {

InstrumentCatalogue shipped() {
  auto loaded = load_instruments(std::string(PROM_SOURCE_DIR) + "/assets/instruments.toml");
  EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().message);
  return loaded ? std::move(*loaded) : InstrumentCatalogue{};
}

// Values of recorded exchangeInfo and public/instruments replies, typed in from them.
TEST(Catalogue, ShippedFileMatchesRecordedReplies) {
  const InstrumentCatalogue catalogue = shipped();
  const Instrument* btc = catalogue.find("binance:linear:BTCUSDT");
  ASSERT_NE(btc, nullptr);
  EXPECT_EQ(to_decimal(*btc, btc->tick).to_string(), "0.1");
  EXPECT_EQ(to_decimal(*btc, btc->step).to_string(), "0.001");
  EXPECT_EQ(to_decimal(*btc, btc->max_quantity).to_string(), "1000");
  EXPECT_EQ(btc->payoff, Payoff::linear);
  EXPECT_EQ(btc->funding_interval, 8 * kHour);
  EXPECT_EQ(catalogue.assets[btc->settle.v], "USDT");
  const Instrument* okx = catalogue.find("okx:swap:btc-usdt-swap");
  ASSERT_NE(okx, nullptr);
  EXPECT_EQ(okx->quantity_kind, QuantityKind::contracts);
  EXPECT_EQ(okx->contract_value.to_string(), "0.01");
  EXPECT_EQ(to_decimal(*okx, okx->min_quantity).to_string(), "0.01");
  // 100 contracts of 0.01 BTC at 50,000 are worth 50,000 USDT.
  EXPECT_EQ(notional(*okx, {500'000}, {10'000}).to_string(), "50000");
  EXPECT_EQ(catalogue.find("okx:linear:ETH-USDT-SWAP")->contract_value.to_string(), "0.1");
  const Instrument* spot = catalogue.find("binance:spot:BTCUSDT");
  ASSERT_NE(spot, nullptr);
  EXPECT_TRUE(spot->tiers.empty());
  EXPECT_EQ(spot->settle, spot->quote);
  EXPECT_EQ(catalogue.find("binance:spot:NOSUCH"), nullptr);
}

TEST(Catalogue, EveryRowIsSoundAndMarkedAssumed) {
  const InstrumentCatalogue catalogue = shipped();
  EXPECT_GE(catalogue.instruments.size(), 12u);
  for (std::size_t i = 0; i < catalogue.instruments.size(); ++i) {
    const Instrument& row = catalogue.instruments[i];
    const std::string code = instrument_code(row);
    EXPECT_EQ(row.ix.v, i) << code;
    EXPECT_EQ(row.provenance, Provenance::assumed) << code;
    EXPECT_GT(row.tick.v, 0) << code;
    EXPECT_GT(row.step.v, 0) << code;
    EXPECT_EQ(row.min_quantity.v % row.step.v, 0) << code;
    EXPECT_GE(row.fees.taker, row.fees.maker) << code;
    EXPECT_EQ(catalogue.find(code), &row) << code;
    if (row.payoff == Payoff::spot) continue;
    EXPECT_FALSE(row.assumed_funding_rate.is_zero()) << code << ": an unknown rate is never zero";
    for (std::size_t t = 0; t < row.tiers.size(); ++t) {
      const LeverageTier& tier = row.tiers[t];
      EXPECT_LT(tier.maintenance_rate, kDecimalOne) << code;
      // Maintenance below the initial margin, or a position would be liquidated at its opening.
      EXPECT_LT(mul(tier.maintenance_rate, tier.max_leverage, Round::up), kDecimalOne) << code << " tier " << t;
      if (t > 0) {
        EXPECT_LT(tier.max_leverage, row.tiers[t - 1].max_leverage) << code;
        EXPECT_GT(tier.maintenance_rate, row.tiers[t - 1].maintenance_rate) << code;
      }
    }
  }
}

const std::string kSpot =
    "[[instrument]]\n"
    "code = \"binance:spot:ABCUSDT\"\n"
    "base = \"ABC\"\nquote = \"USDT\"\n"
    "price_digits = 2\nquantity_digits = 3\ntick = \"0.01\"\nstep = \"0.001\"\nmin_quantity = \"0.001\"\nmax_quantity = \"10\"\n"
    "min_notional = \"5\"\nfee_maker = \"0.001\"\nfee_taker = \"0.001\"\nprovenance = \"assumed\"\n";

std::string message_of(const std::string& text) {
  const auto parsed = parse_instruments(text, "i.toml");
  EXPECT_FALSE(parsed) << text;
  return parsed ? "" : parsed.error().message + " | " + parsed.error().hint;
}

std::string swapped(const std::string& from, const std::string& to) {
  std::string text = kSpot;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST(Catalogue, MistakesAreNamedWithLineAndSuggestion) {
  ASSERT_TRUE(parse_instruments(kSpot, "i.toml"));
  EXPECT_EQ(message_of(kSpot + "fee_takr = \"1\"\n"), "i.toml:15: instrument binance:spot:ABCUSDT: unknown key 'fee_takr' | did you mean 'fee_taker'?");
  EXPECT_EQ(message_of(swapped("tick = \"0.01\"", "tick = \"0.001\"")),
            "i.toml:7: instrument binance:spot:ABCUSDT: tick = 0.001 must be positive and a multiple of 1e-2 | ");
  EXPECT_EQ(message_of(swapped("step = \"0.001\"\n", "")), "i.toml:1: instrument binance:spot:ABCUSDT: key 'step' is missing | ");
  EXPECT_EQ(message_of(swapped("price_digits = 2", "price_digits = 13")),
            "i.toml:5: instrument binance:spot:ABCUSDT: price_digits must be a whole number from 0 to 12 | ");
  EXPECT_EQ(message_of(swapped("fee_maker = \"0.001\"", "fee_maker = 0.001")),
            "i.toml:12: instrument binance:spot:ABCUSDT: fee_maker must be text in quotes | ");
  EXPECT_NE(message_of(swapped("\"0.001\"\nprov", "\"ten\"\nprov")).find("not a decimal"), std::string::npos);
  EXPECT_NE(message_of(swapped("binance:spot:ABCUSDT", "kraken:spot:ABCUSDT")).find("i.toml:2:"), std::string::npos);
  EXPECT_NE(message_of(kSpot + kSpot).find("listed twice"), std::string::npos);
  EXPECT_NE(message_of("[[instrument]\n").find("i.toml:1:"), std::string::npos);
  EXPECT_NE(message_of("[[instruments]]\n").find("'instrument' is missing"), std::string::npos);
  EXPECT_EQ(load_instruments("/nonexistent/i.toml").error().code, "file_open");
}

// Found by fuzzing: toml++ asserts on these, so they must not reach it.
TEST(Catalogue, BrokenTableHeadersAreErrorsAndNotTheEnd) {
  for (const char* header : {"[=]", "[[=]]", "[ # x", "  [[ ,", "[.a]"}) {
    EXPECT_NE(message_of("\n" + std::string(header) + "\n").find("i.toml:2: a table is written [name]"), std::string::npos) << header;
  }
  EXPECT_NE(message_of("\n[\xff]\n").find("i.toml:2: a table is written [name]"), std::string::npos);
  EXPECT_TRUE(parse_instruments("# a comment may hold [=]\n" + kSpot + "note = \"[=]\"\n", "i.toml"));
}

TEST(Catalogue, InstrumentOfAnUnknownFile) {
  const auto row = instrument_from_data("binance:spot:ABCUSDT", 3, 5);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->base, "ABC");
  EXPECT_EQ(row->quote, "USDT");
  EXPECT_EQ(row->instrument.price_digits, 3);
  EXPECT_EQ(row->instrument.provenance, Provenance::assumed);
  EXPECT_FALSE(instrument_from_data("nonsense", 1, 1));
}

// An unknown rate is never zero: such an instrument used to trade without fees and without funding, and ignored a funding rate that was asked for.
TEST(Catalogue, InstrumentOfAnUnknownFileIsNotFree) {
  const auto spot = instrument_from_data("okx:spot:ABCUSDT", 3, 5);
  ASSERT_TRUE(spot);
  EXPECT_EQ(spot->instrument.fees.taker.to_string(), "0.001");
  EXPECT_EQ(spot->instrument.funding_interval.ns, 0);
  EXPECT_TRUE(spot->instrument.tiers.empty());
  const auto perpetual = instrument_from_data("bybit:linear:ABCUSDT", 3, 5);
  ASSERT_TRUE(perpetual);
  EXPECT_EQ(perpetual->instrument.fees.taker.to_string(), "0.00055");
  EXPECT_EQ(perpetual->instrument.funding_interval, kHour * 8);
  EXPECT_EQ(perpetual->instrument.assumed_funding_rate.to_string(), "0.0001");
  EXPECT_EQ(check_instrument(perpetual->instrument), InstrumentFault::none);
  ASSERT_NE(tier_for(perpetual->instrument, Decimal::from_int(1'000)), nullptr);
}

TEST(Catalogue, SuffixOfAContractIsNoQuoteAsset) {
  const std::pair<const char*, const char*> cases[] = {
      {"okx:linear:SOL-USDT-SWAP", "USDT"}, {"binance:linear:BTCUSDT_240628", "USDT"}, {"okx:linear:BTC-USDC-240628", "USDC"}, {"okx:spot:SOL-USDT", "USDT"}};
  for (const auto& [code, quote] : cases) {
    const auto row = instrument_from_data(code, 2, 3);
    ASSERT_TRUE(row) << code;
    EXPECT_EQ(row->quote, quote) << code;
    EXPECT_EQ(row->base.find_first_of("-_"), std::string::npos) << row->base;
  }
}

}  // namespace
}  // namespace prom
