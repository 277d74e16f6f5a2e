// The standard library and those headers of src/domain, src/ports and below that most files above read: half a second a file. They change seldom, and when they do the
// same files are compiled again as without this. A header must compile alone without it (dev/clang_tidy.py sees to that).
#pragma once
#include "analysis/columns.h"
#include "base/secret.h"
#include "domain/command.h"
#include "domain/event.h"
#include "domain/input.h"
#include "domain/memory.h"
#include "domain/tape.h"
#include "domain/value.h"
#include "domain/verdict.h"
#include "pch.h"
#include "ports/ledger.h"
#include "ports/market_store.h"
#include "ports/observations.h"
#include "ports/views.h"

namespace prom::precompiled {
/// Never called: what growing such rows needs of the sum types is instantiated here once.
inline void grow(std::vector<InputBody>& inputs, std::vector<Event>& events) {
  inputs.emplace_back(TimePassed{});
  events.emplace_back(InputTaken{});
}
}  // namespace prom::precompiled
