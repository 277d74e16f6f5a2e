// Tickers that are words of the language ("LINK", "NEAR") count in capitals or behind a $ only. In a text all in capitals they may be wrong.
#include <algorithm>
#include <iterator>

#include "analysis/sentiment/sentiment.h"
#include "analysis/sentiment/words.h"
#include "base/text.h"

namespace prom::sentiment {
namespace {

struct Name {
  std::string_view name, asset;
};
constexpr Name kNames[] = {{"avalanche", "AVAX"}, {"binancecoin", "BNB"}, {"bitcoin", "BTC"},  {"cardano", "ADA"},  {"chainlink", "LINK"},
                           {"dogecoin", "DOGE"},  {"ether", "ETH"},       {"ethereum", "ETH"}, {"litecoin", "LTC"}, {"monero", "XMR"},
                           {"polkadot", "DOT"},   {"polygon", "POL"},     {"ripple", "XRP"},   {"solana", "SOL"},   {"stellar", "XLM"},
                           {"sui", "SUI"},        {"tether", "USDT"},     {"toncoin", "TON"},  {"tron", "TRX"},     {"uniswap", "UNI"}};
constexpr std::string_view kTickers[] = {"ADA",  "APT", "ARB",  "ATOM", "AVAX", "BCH", "BNB", "BTC", "DOGE", "DOT",  "ETH", "LINK", "LTC",
                                         "NEAR", "POL", "SHIB", "SOL",  "SUI",  "TON", "TRX", "UNI", "USDC", "USDT", "XLM", "XMR",  "XRP"};

std::string_view without_possessive(std::string_view word) {
  if (word.ends_with("'s")) word.remove_suffix(2);
  return word;
}

}  // namespace

std::vector<std::string> mentioned_assets(std::string_view text) {
  std::vector<std::string> out;
  for (const Word& word : words_of(text)) {
    // "BTC-USD" and "bitcoin-based" speak of their first part.
    const std::string_view stem = without_possessive(word.text.substr(0, word.text.find('-')));
    const auto* ticker = std::ranges::find(kTickers, word.dollar ? to_upper(stem) : std::string(stem));
    const auto* name = std::ranges::find(kNames, to_lower(stem), &Name::name);
    if (ticker != std::end(kTickers)) {
      out.emplace_back(*ticker);
    } else if (name != std::end(kNames)) {
      out.emplace_back(name->asset);
    }
  }
  std::ranges::sort(out);
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

}  // namespace prom::sentiment
