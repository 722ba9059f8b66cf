#include "app/run_evidence.h"

#include <span>
#include <string_view>

namespace spirogram::app {
namespace {

// Enough to see a spike around an onset without reading a long run whole at every commit.
constexpr int kContextRows = 2000;

bool IsContext(std::string_view tag) {
  return tag.ends_with("/update_ratio") || tag.starts_with("learning_rate");
}

}  // namespace

Status AddNewEvidence(store::Store& store, store::RunId run, diagnosis::RunDiagnosis* diagnosis) {
  ASSIGN_OR_RETURN(const std::vector<store::Tag> tags, store.ReadTags(std::span(&run, 1)));
  for (const store::Tag& tag : tags) {
    if (tag.kind == store::DataKind::kScalar && IsContext(tag.name)) {
      ASSIGN_OR_RETURN(const store::ScalarRows rows,
                       store.ReadScalars({.run = run, .tag = tag.name, .rows_max = kContextRows}));
      diagnosis->Add(tag.name, rows);
    }
  }
  for (const store::Tag& tag : tags) {
    if (tag.kind != store::DataKind::kEntityStats) continue;
    ASSIGN_OR_RETURN(const std::vector<store::EntityStats> windows,
                     store.ReadEntityStats(run, tag.name, diagnosis->LastStep(tag.name)));
    for (const store::EntityStats& window : windows) diagnosis->Add(tag.name, window);
  }
  return {};
}

}  // namespace spirogram::app
