// Which series a query chooses.
#pragma once

#include <vector>

#include "base/result.h"
#include "store/answers.h"
#include "transfer/export.h"

namespace spirogram::transfer {

// The chosen tags of one run.
struct RunSelection {
  store::Run run;
  std::vector<store::Tag> tags;  // by name
};

// Runs by name, those without a chosen tag left out. `scalars_only` leaves out tags of other kinds.
// kNotFound when nothing is left.
Result<std::vector<RunSelection>> Select(store::Store& store, const ExportQuery& query,
                                         bool scalars_only);

}  // namespace spirogram::transfer
