// Scalars point by point: CSV, JSON, JSON lines and Arrow differ only in how they spell a part.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/series_chunk.h"
#include "transfer/export.h"
#include "transfer/selection.h"

namespace spirogram::transfer {

// A series as the formats name it: indices into the names that Begin was given.
struct SeriesName {
  size_t run = 0;
  size_t tag = 0;
};

struct Names {
  std::vector<std::string> runs;
  std::vector<std::string> tags;
};

// Spells points. Called in the order Begin, AppendPoints any number of times, AppendEnd.
class PointsFormat {
 public:
  virtual ~PointsFormat() = default;
  // `names` outlives the format. kExhausted when they are more than the format can hold.
  virtual Result<std::string> Begin(const Names& names) = 0;
  virtual void AppendPoints(const SeriesName& series, const store::PointsChunk& points,
                            std::string* out) = 0;
  virtual void AppendEnd(std::string* out) = 0;
};

std::unique_ptr<Export> MakePointsExport(store::Store& store, const ExportQuery& query,
                                         const std::vector<RunSelection>& selection,
                                         std::unique_ptr<PointsFormat> format);

}  // namespace spirogram::transfer
