// Fills and funding onto positions and cash, as events: each fill once, in any order, however late. Engine thread.
#pragma once

#include "engine/step.h"

namespace prom::portfolio {

void on_fill(Step& step, const Fill& fill);
void on_funding(Step& step, const VenueFunding& in);
void on_transfer(Step& step, const Input& input, const TransferBooked& in);

}  // namespace prom::portfolio
