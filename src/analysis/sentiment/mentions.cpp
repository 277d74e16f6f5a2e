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
constexpr Name kNames[] = {{"aave", "AAVE"},       {"algorand", "ALGO"}, {"aptos", "APT"},    {"arbitrum", "ARB"},   {"avalanche", "AVAX"},
                           {"binancecoin", "BNB"}, {"bitcoin", "BTC"},   {"cardano", "ADA"},  {"chainlink", "LINK"}, {"dogecoin", "DOGE"},
                           {"ether", "ETH"},       {"ethereum", "ETH"},  {"filecoin", "FIL"}, {"hedera", "HBAR"},    {"hyperliquid", "HYPE"},
                           {"litecoin", "LTC"},    {"monero", "XMR"},    {"polkadot", "DOT"}, {"polygon", "POL"},    {"ripple", "XRP"},
                           {"solana", "SOL"},      {"stellar", "XLM"},   {"sui", "SUI"},      {"tether", "USDT"},    {"toncoin", "TON"},
                           {"tron", "TRX"},        {"uniswap", "UNI"},   {"zcash", "ZEC"}};
constexpr std::string_view kTickers[] = {"ADA",  "APT", "ARB",  "ATOM", "AVAX", "BCH", "BNB", "BTC", "DOGE", "DOT",  "ETH", "LINK", "LTC",
                                         "NEAR", "POL", "SHIB", "SOL",  "SUI",  "TON", "TRX", "UNI", "USDC", "USDT", "XLM", "XMR",  "XRP"};

/// Without what follows a hyphen ("BTC-USD" and "bitcoin-based" speak of their first part) and without a possessive.
std::string_view stem_of(std::string_view word) {
  word = word.substr(0, word.find('-'));
  if (word.ends_with("'s")) word.remove_suffix(2);
  return word;
}

/// The asset of the list that a word names; empty where it names none.
std::string_view listed_asset(const Word& word) {
  const std::string_view stem = stem_of(word.text);
  const auto* ticker = std::ranges::find(kTickers, word.dollar ? to_upper(stem) : std::string(stem));
  if (ticker != std::end(kTickers)) return *ticker;
  const auto* name = std::ranges::find(kNames, to_lower(stem), &Name::name);
  return name != std::end(kNames) ? name->asset : std::string_view();
}

/// Contracts on many of a cheap coin carry the number in their base ("1000PEPE"); texts do not.
std::string ticker_of(std::string_view asset) {
  const std::size_t after = asset.find_first_not_of('0', 1);
  const bool multiple = asset.starts_with("1000") && after != std::string_view::npos && is_letter(asset[after]);
  return to_upper(multiple ? asset.substr(after) : asset);
}

}  // namespace

std::vector<std::string> mentioned_assets(std::string_view text) {
  std::vector<std::string> out;
  for (const Word& word : words_of(text)) {
    if (const std::string_view asset = listed_asset(word); !asset.empty()) out.emplace_back(asset);
  }
  std::ranges::sort(out);
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

bool names_asset(std::string_view text, std::string_view asset) {
  constexpr std::size_t kShortestWord = 3;  // "OP", "S" and "W" are too often something else
  const std::string ticker = ticker_of(asset);
  if (ticker.empty()) return false;
  return std::ranges::any_of(words_of(text), [&](const Word& word) {
    const std::string_view stem = stem_of(word.text);
    const bool own = word.dollar ? to_upper(stem) == ticker : stem == ticker && ticker.size() >= kShortestWord;
    return own || listed_asset(word) == ticker;
  });
}

}  // namespace prom::sentiment
