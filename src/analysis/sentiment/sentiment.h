// Mood and subjects of a headline or a post. A text is data: nothing in it is obeyed, and a long or hostile one costs time in proportion to its length only.
// Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace prom::sentiment {

/// Sum of the valences of the words found, brought into -1..1.
struct Mood {
  double score = 0;         ///< -1 bearish .. 1 bullish: s / (|s| + 4), s the sum of valences (each -4..4) after negation and intensity
  std::uint32_t words = 0;  ///< lexicon entries that were found; 0 = the text says nothing that the lexicon knows
};

/// Words are runs of ASCII letters, digits, hyphens and apostrophes (' or, as typesetting has it, U+2018 and U+2019), compared without case; the longest of
/// "all-time high" and "high" counts. A negation up to three words before, in the same sentence, turns a valence round and weakens it (times -0.74, VADER's
/// constant); a booster directly before raises it by a quarter, a damper lowers it by as much. A point within a number or an abbreviation ends no sentence.
/// At most 400 words of a text are read.
Mood mood_of(std::string_view text);

/// Base assets named, in capitals, each once, in alphabetical order: by name ("bitcoin"), by ticker in capitals ("ETH"; "LINK" but not "link") or with a dollar
/// sign ("$sol"). Only coins of a fixed list of large ones are known.
std::vector<std::string> mentioned_assets(std::string_view text);

/// Whether the text names this base asset: as mentioned_assets() has it, or by its own ticker, in capitals or behind a dollar sign; a ticker of fewer than
/// three characters ("OP") behind a dollar sign only. "1000PEPE", a thousand of a coin as a venue trades it, is looked for as PEPE. A coin outside the
/// list that a text calls by its name ("Pax Gold") is not found.
bool names_asset(std::string_view text, std::string_view asset);

}  // namespace prom::sentiment
