// The word list is our own, for headlines about crypto and markets; valences from -4 to 4 are judgements, not measurements (README.md).
#include <algorithm>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "analysis/sentiment/sentiment.h"
#include "analysis/sentiment/words.h"
#include "base/text.h"

namespace prom::sentiment {
namespace {

struct Entry {
  std::string_view word;
  int valence = 0;
};
constexpr Entry kWords[] = {{"accumulate", 2},
                            {"accumulated", 2},
                            {"accumulates", 2},
                            {"accumulation", 2},
                            {"adopt", 2},
                            {"adopted", 2},
                            {"adoption", 2},
                            {"adopts", 2},
                            {"all-time-high", 3},
                            {"approval", 2},
                            {"approve", 2},
                            {"approved", 2},
                            {"approves", 2},
                            {"arrest", -2},
                            {"arrested", -2},
                            {"ban", -2},
                            {"bankrupt", -4},
                            {"bankruptcy", -4},
                            {"banned", -2},
                            {"bans", -2},
                            {"bear", -2},
                            {"bearish", -3},
                            {"bears", -2},
                            {"boom", 2},
                            {"booms", 2},
                            {"bought", 1},
                            {"breach", -2},
                            {"breached", -2},
                            {"breakout", 3},
                            {"breakthrough", 2},
                            {"bull", 2},
                            {"bullish", 3},
                            {"bulls", 2},
                            {"buy", 1},
                            {"buying", 1},
                            {"buys", 1},
                            {"capitulation", -3},
                            {"charge", -2},
                            {"charged", -2},
                            {"charges", -2},
                            {"climb", 2},
                            {"climbed", 2},
                            {"climbs", 2},
                            {"collapse", -4},
                            {"collapsed", -4},
                            {"collapses", -4},
                            {"concern", -1},
                            {"concerned", -1},
                            {"concerns", -1},
                            {"contagion", -3},
                            {"crackdown", -2},
                            {"crash", -3},
                            {"crashed", -3},
                            {"crashes", -3},
                            {"crashing", -3},
                            {"decline", -2},
                            {"declined", -2},
                            {"declines", -2},
                            {"default", -2},
                            {"defaults", -2},
                            {"delay", -1},
                            {"delayed", -1},
                            {"delays", -1},
                            {"delist", -2},
                            {"delisted", -2},
                            {"delisting", -2},
                            {"delists", -2},
                            {"depeg", -3},
                            {"depegged", -3},
                            {"depegs", -3},
                            {"doubt", -1},
                            {"doubts", -1},
                            {"down", -1},
                            {"drop", -2},
                            {"dropped", -2},
                            {"dropping", -2},
                            {"drops", -2},
                            {"dump", -2},
                            {"dumped", -2},
                            {"dumps", -2},
                            {"euphoria", 3},
                            {"exploit", -3},
                            {"exploited", -3},
                            {"exploiter", -3},
                            {"exploits", -3},
                            {"fall", -2},
                            {"falling", -2},
                            {"falls", -2},
                            {"fear", -2},
                            {"fears", -2},
                            {"fell", -2},
                            {"fine", -1},
                            {"fined", -1},
                            {"fraud", -3},
                            {"fraudulent", -3},
                            {"freeze", -2},
                            {"freezes", -2},
                            {"froze", -2},
                            {"frozen", -2},
                            {"gain", 2},
                            {"gained", 2},
                            {"gaining", 2},
                            {"gains", 2},
                            {"grew", 1},
                            {"grow", 1},
                            {"grows", 1},
                            {"growth", 1},
                            {"hack", -3},
                            {"hacked", -3},
                            {"hacker", -3},
                            {"hackers", -3},
                            {"hacks", -3},
                            {"halt", -2},
                            {"halted", -2},
                            {"halts", -2},
                            {"halving", 1},
                            {"high", 1},
                            {"higher", 1},
                            {"hope", 1},
                            {"hopes", 1},
                            {"inflation", -1},
                            {"inflow", 2},
                            {"inflows", 2},
                            {"innovation", 1},
                            {"insolvency", -4},
                            {"insolvent", -4},
                            {"integrate", 1},
                            {"integrates", 1},
                            {"integration", 1},
                            {"invest", 1},
                            {"invested", 1},
                            {"investigation", -1},
                            {"investment", 1},
                            {"invests", 1},
                            {"jump", 2},
                            {"jumped", 2},
                            {"jumps", 2},
                            {"launch", 1},
                            {"launched", 1},
                            {"launches", 1},
                            {"lawsuit", -2},
                            {"lawsuits", -2},
                            {"layoffs", -2},
                            {"liquidated", -2},
                            {"liquidation", -2},
                            {"liquidations", -2},
                            {"list", 1},
                            {"listed", 1},
                            {"listing", 1},
                            {"lists", 1},
                            {"lose", -2},
                            {"loses", -2},
                            {"loss", -2},
                            {"losses", -2},
                            {"lost", -2},
                            {"low", -1},
                            {"lower", -1},
                            {"meltdown", -3},
                            {"moon", 3},
                            {"mooning", 3},
                            {"negative", -1},
                            {"optimism", 2},
                            {"optimistic", 2},
                            {"outflow", -2},
                            {"outflows", -2},
                            {"outperform", 2},
                            {"outperformed", 2},
                            {"outperforms", 2},
                            {"panic", -3},
                            {"partner", 1},
                            {"partners", 1},
                            {"partnership", 1},
                            {"penalty", -1},
                            {"plummet", -3},
                            {"plummeted", -3},
                            {"plummets", -3},
                            {"plunge", -3},
                            {"plunged", -3},
                            {"plunges", -3},
                            {"plunging", -3},
                            {"ponzi", -3},
                            {"positive", 1},
                            {"pressure", -1},
                            {"probe", -1},
                            {"probes", -1},
                            {"profit", 2},
                            {"profitable", 2},
                            {"profits", 2},
                            {"rallied", 2},
                            {"rallies", 2},
                            {"rally", 2},
                            {"rallying", 2},
                            {"rebound", 2},
                            {"rebounded", 2},
                            {"rebounds", 2},
                            {"recession", -2},
                            {"record-high", 3},
                            {"recover", 2},
                            {"recovered", 2},
                            {"recovers", 2},
                            {"recovery", 2},
                            {"reject", -2},
                            {"rejected", -2},
                            {"rejection", -2},
                            {"rejects", -2},
                            {"resign", -1},
                            {"resigns", -1},
                            {"rise", 2},
                            {"rises", 2},
                            {"rising", 2},
                            {"risk", -1},
                            {"risks", -1},
                            {"risky", -1},
                            {"rose", 2},
                            {"rug-pull", -3},
                            {"rugpull", -3},
                            {"sank", -2},
                            {"scam", -3},
                            {"scams", -3},
                            {"secure", 1},
                            {"sell", -1},
                            {"sell-off", -2},
                            {"selling", -1},
                            {"selloff", -2},
                            {"sells", -1},
                            {"sink", -2},
                            {"sinks", -2},
                            {"skyrocket", 3},
                            {"skyrocketed", 3},
                            {"skyrockets", 3},
                            {"slid", -2},
                            {"slide", -2},
                            {"slides", -2},
                            {"slump", -2},
                            {"slumped", -2},
                            {"slumps", -2},
                            {"soar", 3},
                            {"soared", 3},
                            {"soaring", 3},
                            {"soars", 3},
                            {"sold", -1},
                            {"stable", 1},
                            {"steal", -3},
                            {"steals", -3},
                            {"stolen", -3},
                            {"strong", 1},
                            {"stronger", 1},
                            {"sue", -2},
                            {"sued", -2},
                            {"sues", -2},
                            {"support", 1},
                            {"supported", 1},
                            {"supports", 1},
                            {"surge", 3},
                            {"surged", 3},
                            {"surges", 3},
                            {"surging", 3},
                            {"theft", -3},
                            {"tumble", -2},
                            {"tumbled", -2},
                            {"tumbles", -2},
                            {"uncertainty", -1},
                            {"underperform", -1},
                            {"underperforms", -1},
                            {"up", 1},
                            {"upgrade", 2},
                            {"upgraded", 2},
                            {"upgrades", 2},
                            {"volatile", -1},
                            {"vulnerability", -2},
                            {"warn", -1},
                            {"warned", -1},
                            {"warning", -1},
                            {"warns", -1},
                            {"weak", -1},
                            {"weaker", -1},
                            {"weakness", -1},
                            {"win", 2},
                            {"wins", 2},
                            {"won", 2}};
static_assert(std::ranges::is_sorted(kWords, {}, &Entry::word));

/// Two words that mean something else together; 0 = neither of them counts.
struct Phrase {
  std::string_view first, second;
  int valence = 0;
};
constexpr Phrase kPhrases[] = {{"all-time", "high", 3}, {"all-time", "low", -3}, {"bear", "trap", 1},     {"bull", "run", 3},    {"bull", "trap", -2},
                               {"death", "cross", -2},  {"golden", "cross", 2},  {"long", "squeeze", -2}, {"lower", "fees", 1},  {"price", "target", 0},
                               {"rate", "cut", 2},      {"rate", "cuts", 2},     {"rate", "hike", -2},    {"rate", "hikes", -2}, {"record", "high", 3},
                               {"record", "low", -3},   {"risk", "free", 1},     {"rug", "pull", -3},     {"sell", "off", -2},   {"short", "seller", -1},
                               {"short", "squeeze", 2}};

constexpr std::string_view kNegations[] = {"no",     "not",    "never", "without", "neither", "nor",    "hardly", "cannot",
                                           "can't",  "won't",  "don't", "doesn't", "didn't",  "isn't",  "aren't", "wasn't",
                                           "denies", "denied", "deny",  "fails",   "failed",  "avoids", "avoided"};
constexpr std::string_view kBoosters[] = {"very",     "sharply",   "massively", "massive", "huge",  "hugely",
                                          "strongly", "extremely", "heavy",     "heavily", "major", "dramatically"};
constexpr std::string_view kDampers[] = {"slightly", "somewhat", "modest", "modestly", "minor", "barely", "partly", "little"};
constexpr double kNegated = -0.74, kBoosted = 1.25, kDamped = 0.75, kHalfway = 4.0;
constexpr std::size_t kNegationReach = 3;

bool among(std::span<const std::string_view> list, std::string_view word) { return std::ranges::find(list, word) != list.end(); }

}  // namespace

Mood mood_of(std::string_view text) {
  const std::vector<Word> raw = words_of(text);
  std::vector<std::string> words;
  words.reserve(raw.size());
  for (const Word& word : raw) words.push_back(to_lower(word.text));
  double sum = 0;
  Mood out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    double valence = 0;
    std::size_t length = 1;
    const auto* phrase = std::end(kPhrases);
    if (i + 1 < words.size() && !raw[i + 1].breaks) {
      phrase = std::ranges::find_if(kPhrases, [&](const Phrase& p) { return p.first == words[i] && p.second == words[i + 1]; });
    }
    if (phrase != std::end(kPhrases)) {
      valence = phrase->valence;
      length = 2;
    } else {
      const auto* entry = std::ranges::lower_bound(kWords, std::string_view(words[i]), {}, &Entry::word);
      if (entry != std::end(kWords) && entry->word == words[i]) valence = entry->valence;
    }
    if (valence != 0) {
      ++out.words;
      bool same_sentence = !raw[i].breaks;
      if (i > 0 && same_sentence && among(kBoosters, words[i - 1])) valence *= kBoosted;
      if (i > 0 && same_sentence && among(kDampers, words[i - 1])) valence *= kDamped;
      for (std::size_t back = 1; back <= kNegationReach && back <= i && same_sentence; ++back) {
        if (among(kNegations, words[i - back])) {
          valence *= kNegated;
          break;
        }
        same_sentence = !raw[i - back].breaks;
      }
      sum += valence;
    }
    i += length - 1;
  }
  out.score = sum / ((sum < 0 ? -sum : sum) + kHalfway);
  return out;
}

}  // namespace prom::sentiment
