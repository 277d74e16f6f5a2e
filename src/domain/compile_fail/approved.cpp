// Each PROM_CASE must be refused by the compiler: an approval can be made by RiskEngine alone (law 1). PROM_CASE 0 is the control that must compile,
// so that a broken include path or header cannot pass for a refusal. Never linked.
#include "domain/command.h"

#if PROM_CASE == 0
std::uint32_t use(const prom::Approved<prom::OrderSpec>& order) { return order.halt_epoch(); }
prom::RecordedCommand read(const prom::OrderSpec& spec) { return spec; }
#elif PROM_CASE == 1
prom::Approved<prom::OrderSpec> forge(const prom::OrderSpec& spec) { return prom::Approved<prom::OrderSpec>(spec, prom::TimeNs{1}, 0); }
#elif PROM_CASE == 2
prom::Command forge(const prom::OrderSpec& spec) { return spec; }
#elif PROM_CASE == 3
prom::Approved<prom::OrderSpec> forge() { return {}; }
#elif PROM_CASE == 4
prom::Command forge(const prom::RecordedCommand& read_back) { return std::get<prom::OrderSpec>(read_back); }
#elif PROM_CASE == 5
struct Forger : prom::Approved<prom::OrderSpec> {
  explicit Forger(const prom::OrderSpec& spec) : Approved(spec, prom::TimeNs{1}, 0) {}
};
#endif
