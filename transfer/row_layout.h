// What the columns of a row mean: long form (run, tag, step, value) or wide (a column per tag), by
// the names that our own exports, TensorBoard's, Weights & Biases' and MLflow's give them.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "base/types.h"
#include "transfer/row_reader.h"

namespace spirogram::transfer {

struct LayoutOptions {
  std::string step_column;    // empty: step, _step, global_step, iteration or epoch, in any case
  std::string time_column;    // empty: wall_time, "Wall time", _timestamp or timestamp
  std::string tag;            // of a file with a value and no tag, as TensorBoard's CSV
  WallTime wall_time = 0;     // of rows that tell none
  std::string file;           // for messages
  bool guards_names = false;  // RowReader::guards_names
};

struct ImportedPoint {
  std::string_view run;  // empty where the row names none
  std::string_view tag;
  Step step = 0;
  WallTime wall_time = 0;
  double value = 0;
};

// Not thread-safe. One for each file.
class RowLayout {
 public:
  explicit RowLayout(LayoutOptions options) : options_(std::move(options)) {}

  // Tells the points of the row. kInvalidArgument names the file, the line and the column.
  Status Read(const Row& row, const std::function<Status(const ImportedPoint&)>& tell);

  // Columns that held something other than numbers from their first cell on.
  const std::set<std::string>& ignored() const { return ignored_; }

 private:
  std::string_view Unguarded(std::string_view text) const;
  Status Settle(const Row& row);
  void NoteChart(const Row& row);
  Error ErrorAt(const Row& row, const Cell& cell, std::string_view want) const;
  Status ReadStep(const Row& row, Step* step) const;
  Status ReadTime(const Row& row, WallTime* wall_time) const;
  Status ReadLong(const Row& row, ImportedPoint point,
                  const std::function<Status(const ImportedPoint&)>& tell);
  Status ReadWide(const Row& row, const ImportedPoint& at,
                  const std::function<Status(const ImportedPoint&)>& tell);

  const LayoutOptions options_;
  // Decided by the first row that has them; empty where there is none.
  std::string step_column_;
  std::string time_column_;
  std::string run_column_;
  std::string tag_column_;
  std::string value_column_;
  // Of a chart that Weights & Biases exports: what its columns "RUN - TAG" name, and those beside
  // them, "RUN - TAG__MIN" and "RUN - TAG__MAX", which say nothing of their own.
  struct ChartColumn {
    std::string run;
    std::string tag;
  };
  std::unordered_map<std::string, ChartColumn> chart_columns_;
  std::set<std::string> chart_bounds_;
  bool is_settled_ = false;
  std::unordered_map<std::string, bool> is_metric_;  // by column, from its first cell on
  std::set<std::string> ignored_;
  Step next_step_ = 0;  // of rows that tell none
};

}  // namespace spirogram::transfer
