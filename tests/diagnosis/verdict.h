// What a diagnosis says by one rule.
#pragma once

#include <optional>
#include <string_view>

#include "store/finding.h"

namespace spirogram::testing {

// The first finding of the rule.
inline std::optional<store::Finding> FindingOf(const store::Diagnosis& diagnosis,
                                               std::string_view rule) {
  for (const store::Finding& finding : diagnosis.findings) {
    if (finding.rule == rule) return finding;
  }
  return std::nullopt;
}

// Its first check; one without a rule where there is none.
inline store::Check CheckOf(const store::Diagnosis& diagnosis, std::string_view rule) {
  for (const store::Check& check : diagnosis.checks) {
    if (check.rule == rule) return check;
  }
  return {};
}

}  // namespace spirogram::testing
