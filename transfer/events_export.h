// A run as one event file: everything of it that the store shows, tag after tag.
#pragma once

#include <memory>

#include "transfer/export.h"
#include "transfer/selection.h"

namespace spirogram::transfer {

std::unique_ptr<Export> MakeEventsExport(store::Store& store, const ExportQuery& query,
                                         RunSelection selection);

}  // namespace spirogram::transfer
