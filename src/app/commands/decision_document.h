// A decision as a JSON document: what `agents run` and `agents explain` answer. Pure.
#pragma once

#include <string>

#include "domain/value.h"
#include "domain/verdict.h"

namespace prom {

/// `instrument` is the code of the record's instrument.
Value decision_document(const DecisionRecord& record, const std::string& instrument);

}  // namespace prom
