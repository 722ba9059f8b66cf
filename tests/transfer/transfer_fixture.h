// A store and what is exported of it.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "tests/store/store_fixture.h"
#include "transfer/export.h"

namespace spirogram::transfer {

class TransferFixture : public store::StoreFixture {
 protected:
  Result<std::string> TryExport(const ExportQuery& query) {
    ASSIGN_OR_RETURN(const auto source, Export::Open(*store_, query));
    std::string all;
    while (true) {
      ASSIGN_OR_RETURN(const std::string part, source->NextPart());
      if (part.empty()) return all;
      all += part;
    }
  }
  std::string ExportAll(const ExportQuery& query) {
    auto bytes = TryExport(query);
    if (bytes.ok()) return *std::move(bytes);
    ADD_FAILURE() << bytes.error().ToString();
    return {};
  }

  // Every point of a series, in parts of `points_max`.
  store::PointsChunk AllPoints(const std::string& run, const std::string& tag, size_t points_max,
                               bool with_hidden = false) {
    store::PointsQuery query{.run = FindRun(run).id, .tag = tag, .with_hidden = with_hidden};
    query.points_max = points_max;
    store::PointsChunk all;
    while (true) {
      const auto chunk = store_->ReadPoints(query);
      if (!chunk.ok()) {
        ADD_FAILURE() << chunk.error().ToString();
        return all;
      }
      EXPECT_LE(chunk->size(), points_max);
      all.step.insert(all.step.end(), chunk->step.begin(), chunk->step.end());
      all.wall_time.insert(all.wall_time.end(), chunk->wall_time.begin(), chunk->wall_time.end());
      all.value.insert(all.value.end(), chunk->value.begin(), chunk->value.end());
      query.after = chunk->last;
      if (chunk->is_end) return all;
      if (chunk->size() == 0) {
        ADD_FAILURE() << "an empty part before the end";
        return all;
      }
    }
  }
};

}  // namespace spirogram::transfer
