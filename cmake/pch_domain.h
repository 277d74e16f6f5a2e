// The standard library and those headers of src/domain that nearly every file above it reads: half a second a file. They change seldom, and when they do the
// same files are compiled again as without this. A header must compile alone without it (dev/clang_tidy.py sees to that).
#pragma once
#include "domain/command.h"
#include "domain/event.h"
#include "domain/input.h"
#include "domain/memory.h"
#include "domain/value.h"
#include "domain/verdict.h"
#include "pch.h"

namespace prom::precompiled {
/// Never called: what growing such rows needs of the sum types is instantiated here once.
inline void grow(std::vector<InputBody>& inputs, std::vector<Event>& events) {
  inputs.emplace_back(TimePassed{});
  events.emplace_back(InputTaken{});
}
}  // namespace prom::precompiled
