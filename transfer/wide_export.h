// CSV with one row per run and step and one column per tag, as a spreadsheet or pandas wants it.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "transfer/export.h"
#include "transfer/selection.h"

namespace spirogram::transfer {

// kInvalidArgument above 256 tags: each costs a buffer while rows are joined.
Result<std::unique_ptr<Export>> MakeWideExport(store::Store& store, const ExportQuery& query,
                                               std::vector<RunSelection> selection);

}  // namespace spirogram::transfer
