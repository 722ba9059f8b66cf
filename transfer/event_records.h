// Events as framed records: the bytes of an event file.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>

#include "base/types.h"
#include "store/graph.h"

namespace spirogram::transfer {

// What the first event of a tag says of it.
struct ScalarMetadata {
  std::string plugin = "scalars";
  std::string display_name;
  std::string description;
};

// Not thread-safe.
class EventRecords {
 public:
  // The first record of every file.
  static void AppendFileVersion(WallTime wall_time, std::string* records);
  // An event that says nothing but when it was.
  static void AppendMoment(WallTime wall_time, std::string* records);
  // A sentence that the store shows among the run's warnings.
  static void AppendWarning(WallTime wall_time, const std::string& message, std::string* records);
  // `summary_value` is a serialized Summary.Value.
  static void AppendValue(Step step, WallTime wall_time, std::string_view summary_value,
                          std::string* records);

  // A graph or run metadata in the form of event that its type has.
  static void AppendGraph(const store::GraphInfo& graph, std::string bytes, std::string* records);

  // A float where the number is exactly one, which is what most programs log and every reader
  // reads; else a tensor of one double. The tag's first event carries the metadata.
  void AppendScalar(const std::string& tag, const ScalarMetadata& metadata, Step step,
                    WallTime wall_time, double value, std::string* records);

 private:
  std::unordered_set<std::string> known_tags_;
};

}  // namespace spirogram::transfer
