// What each role may be told by its settings, and look-ups in a profile. Constant data; any thread.
#include "agents/roles.h"

#include <algorithm>

#include "base/assert.h"
#include "base/sha256.h"

namespace prom {

namespace {

constexpr ThresholdSpec kMarket[] = {{"trend_weight", 0, 1, "share of the trend group in the analyst's score"},
                                     {"context_weight", 0, 1, "share of the 4h and 1d context"},
                                     {"momentum_weight", 0, 1, "share of the momentum group"},
                                     {"volume_weight", 0, 1, "share of the volume group"},
                                     {"rsi_overbought", 50, 100, "RSI from which a rise is called stretched"},
                                     {"rsi_oversold", 0, 50, "RSI to which a fall is called stretched"},
                                     {"neutral_band", 0, 1, "scores within +- this are neutral"}};
constexpr ThresholdSpec kSmc[] = {{"structure_weight", 0, 1, "share of market structure in the analyst's score"},
                                  {"gap_weight", 0, 1, "share of fair value gaps"},
                                  {"block_weight", 0, 1, "share of order blocks"},
                                  {"liquidity_weight", 0, 1, "share of pools and sweeps"},
                                  {"sweep_bars", 1, 200, "bars for which a sweep counts"},
                                  {"neutral_band", 0, 1, "scores within +- this are neutral"}};
constexpr ThresholdSpec kOrderFlow[] = {{"full_imbalance", 0.01, 1, "taker imbalance that counts as a full vote"},
                                        {"full_cvd_share", 0.01, 1, "CVD over volume that counts as a full vote"},
                                        {"full_book_imbalance", 0.01, 1, "bids less asks over both that counts as a full vote"},
                                        {"divergence_bars", 1, 500, "bars for which a CVD divergence counts"},
                                        {"neutral_band", 0, 1, "scores within +- this are neutral"}};
constexpr ThresholdSpec kSentiment[] = {{"fear_below", 1, 50, "fear and greed index below which fear leans long"},
                                        {"greed_above", 50, 99, "index above which greed leans short"},
                                        {"min_texts", 1, 1000, "headlines or posts of a day that must name the asset before their mood counts"},
                                        {"full_mood", 0.01, 1, "mean mood that counts as a full vote"},
                                        {"fear_weight", 0, 1, "share of fear and greed in the analyst's score"},
                                        {"news_weight", 0, 1, "share of headlines"},
                                        {"social_weight", 0, 1, "share of posts"},
                                        {"neutral_band", 0, 1, "scores within +- this are neutral"}};
constexpr ThresholdSpec kMacro[] = {
    {"medium_share", 0, 1, "share of the weight with which a release within 24 hours takes from the others; within 2 hours all of it"}};
constexpr ThresholdSpec kOnChain[] = {{"full_flow_share", 0.001, 1, "net flow over all flow of exchanges that counts as a full vote"},
                                      {"full_stablecoin_usd", 1e6, 1e11, "net stablecoin inflow, USD, that counts as a full vote"},
                                      {"mvrv_cheap", 0.1, 2, "market over realised value below which the coin is cheap"},
                                      {"mvrv_dear", 1, 20, "above which it is dear"},
                                      {"full_sopr", 0.001, 1, "distance of SOPR from 1 that counts as a full vote"},
                                      {"flow_weight", 0, 1, "share of flows in the analyst's score"},
                                      {"valuation_weight", 0, 1, "share of valuation"},
                                      {"neutral_band", 0, 1, "scores within +- this are neutral"}};
constexpr ThresholdSpec kDerivatives[] = {{"crowded_rate_8h", 0.00001, 0.01, "funding per 8 h at which a side is crowded and the other side gets a full vote"},
                                          {"assumed_share", 0, 1, "share of the weight that is left when the rate is only assumed"},
                                          {"neutral_band", 0, 1, "scores within +- this are neutral"}};
constexpr ThresholdSpec kCorrelation[] = {{"min_correlation", 0, 1, "r below which the leader says nothing about the instrument"},
                                          {"leader_full_percent", 0.01, 50, "10-bar change of the leader, in percent, that counts as a full vote"},
                                          {"neutral_band", 0, 1, "scores within +- this are neutral"}};
constexpr ThresholdSpec kPlanner[] = {{"entry_score", 0.05, 1, "smallest |score| that opens a position"},
                                      {"min_agreeing", 1, 8, "analysts that must share the direction"},
                                      {"stop_atr", 0.5, 6, "distance of the stop in average true ranges, where structure gives none"},
                                      {"min_stop_atr", 0.5, 6, "nearest stop"},
                                      {"max_stop_atr", 0.5, 10, "farthest stop"},
                                      {"structure_buffer_atr", 0, 2, "room beyond the last swing"},
                                      {"target_r", 0.5, 20, "first target, in multiples of the risk"},
                                      {"target_fraction", 0.05, 1, "share of the position taken off there"},
                                      {"atr_minutes", 60, 1440, "timeframe of the average true range: 60, 240 or 1440"},
                                      {"cooldown_bars", 0, 500, "bars without a new entry after a stop was hit"}};
constexpr ThresholdSpec kRisk[] = {{"risk_fraction", 0.0001, 0.05, "share of equity lost at the stop; the account's own limit applies where it is lower"},
                                   {"headroom", 0.1, 1, "share of the calculated size that is asked for, so that fees and a moved price still fit"},
                                   {"shrink_from", 0, 1, "use of the daily loss or drawdown limit from which size is halved"},
                                   {"veto_from", 0, 1, "use of either limit from which nothing is opened"}};
constexpr ThresholdSpec kExecutor[] = {{"market_score", 0, 1, "|score| from which the entry is a market order"},
                                       {"stretched_percent_b", 0.5, 3, "Bollinger %b beyond which a weaker entry waits at a limit"},
                                       {"limit_offset_atr", 0, 2, "how far behind the price a waiting limit stands"},
                                       {"ladder_step_atr", 0.05, 2, "distance of the second rung in a volatile regime"},
                                       {"expires_minutes", 1, 60, "life of the proposal"}};
constexpr ThresholdSpec kPosition[] = {{"break_even_r", 0.25, 10, "profit in multiples of the risk from which the stop goes to break-even"},
                                       {"break_even_offset_percent", 0, 5, "beyond the entry, to cover costs"},
                                       {"trail_atr", 0.5, 10, "distance of the trailing stop from the best price"},
                                       {"close_score", 0, 1, "score against the position from which it is closed"},
                                       {"atr_minutes", 60, 1440, "timeframe of the average true range: 60, 240 or 1440"}};
constexpr ThresholdSpec kEvaluator[] = {{"probation_trades", 5, 1000, "closed trades from which probation is possible"},
                                        {"disable_trades", 10, 10000, "closed trades from which disabling is possible"},
                                        {"min_win_rate", 0, 1, "below this: probation"},
                                        {"min_profit_factor", 0, 10, "below this: probation"},
                                        {"confidence", 0.5, 0.999, "of the one-sided upper bound of expectancy"},
                                        {"shadow_trades", 5, 1000, "shadow trades needed to return"}};
constexpr ThresholdSpec kOrchestrator[] = {{"timeframe_minutes", 60, 240, "the desk's bar: 60 or 240"}};

constexpr AgentRole kRoles[] = {AgentRole::market_analyst,      AgentRole::smc_analyst,       AgentRole::sentiment_analyst,
                                AgentRole::macro_analyst,       AgentRole::orderflow_analyst, AgentRole::derivatives_analyst,
                                AgentRole::correlation_analyst, AgentRole::onchain_analyst,   AgentRole::strategy_planner,
                                AgentRole::risk_manager,        AgentRole::executor,          AgentRole::position_manager,
                                AgentRole::self_evaluator,      AgentRole::orchestrator};
static_assert(std::size(kRoles) == static_cast<std::size_t>(kAgentCount));

}  // namespace

std::span<const ThresholdSpec> threshold_specs(AgentRole role) {
  switch (role) {
    case AgentRole::market_analyst: return kMarket;
    case AgentRole::smc_analyst: return kSmc;
    case AgentRole::sentiment_analyst: return kSentiment;
    case AgentRole::macro_analyst: return kMacro;
    case AgentRole::onchain_analyst: return kOnChain;
    case AgentRole::orderflow_analyst: return kOrderFlow;
    case AgentRole::derivatives_analyst: return kDerivatives;
    case AgentRole::correlation_analyst: return kCorrelation;
    case AgentRole::strategy_planner: return kPlanner;
    case AgentRole::risk_manager: return kRisk;
    case AgentRole::executor: return kExecutor;
    case AgentRole::position_manager: return kPosition;
    case AgentRole::self_evaluator: return kEvaluator;
    case AgentRole::orchestrator: return kOrchestrator;
  }
  PROM_UNREACHABLE();
}

std::span<const AgentRole> all_agent_roles() { return kRoles; }

bool AgentProfile::allows(std::string_view tool) const { return std::ranges::find(tools, tool) != tools.end(); }

double AgentProfile::at(std::string_view key) const {
  for (const Threshold& threshold : thresholds) {
    if (threshold.key == key) return threshold.value;
  }
  PROM_ASSERT(false, "a brain asked for a threshold that its role does not declare");
  return 0;
}

std::string AgentProfiles::hash() const {
  Sha256 sha;
  for (const AgentProfile& profile : profiles_) sha.update(profile.hash);
  return sha.hex();
}

}  // namespace prom
