#include "transfer/row_layout.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "base/str.h"
#include "transfer/date.h"
#include "transfer/text_format.h"

namespace spirogram::transfer {
namespace {

using Kind = Cell::Kind;

constexpr double kMillisecondsFrom = 1e11;

// The cell of the first of the names that the row has, in any case and with '_' or ' '.
const Cell* FindAny(const Row& row, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    for (const Cell& cell : row.cells) {
      if (FoldColumn(cell.name) == name) return &cell;
    }
  }
  return nullptr;
}

const Cell* Find(const Row& row, const std::string& name) {
  if (name.empty()) return nullptr;
  for (const Cell& cell : row.cells) {
    if (cell.name == name) return &cell;
  }
  return nullptr;
}

// The axis of a chart by its program's own name for steps, as in "trainer/global_step". Empty where
// there is none, as of a chart by the time.
std::string StepOfChart(const Row& row) {
  for (const Cell& cell : row.cells) {
    const std::string name = FoldColumn(cell.name);
    const std::string_view last = std::string_view(name).substr(name.rfind('/') + 1);
    if (last == "step" || last == "global_step" || last == "iteration") return cell.name;
  }
  return {};
}

bool HoldsNothing(const Cell& cell) {
  return cell.kind == Kind::kEmpty || (cell.kind == Kind::kText && IsWordForNothing(cell.text));
}

}  // namespace

// Undoes what AppendCsvText and AppendCsvHeading do to names. Apostrophes of other programs stay.
std::string_view RowLayout::Unguarded(std::string_view text) const {
  if (!options_.guards_names || !text.starts_with('\'')) return text;
  const std::string_view name = text.substr(1);
  const bool is_guarded = name.empty() ||
                          std::string_view("=+-@\t\r'").find(name[0]) != std::string_view::npos ||
                          IsMeaningfulColumn(name);
  return is_guarded ? name : text;
}

// Objects of a JSONL file differ from line to line; the first that has a step decides where it is.
Status RowLayout::Settle(const Row& row) {
  const auto name = [](const Cell* cell) { return cell != nullptr ? cell->name : std::string(); };
  for (const auto& [option, what] :
       {std::pair{&options_.step_column, "step"}, std::pair{&options_.time_column, "time"}}) {
    if (is_settled_ || option->empty() || Find(row, *option) != nullptr) continue;
    return InvalidArgument(StrCat(options_.file, ", line ", row.line, ": no column ",
                                  Quoted(*option), ", which is to hold the ", what));
  }
  if (step_column_.empty()) {
    step_column_ = !options_.step_column.empty()
                       ? options_.step_column
                       : name(FindAny(row, {"step", "_step", "global_step", "iteration", "epoch"}));
  }
  if (time_column_.empty()) {
    time_column_ = !options_.time_column.empty()
                       ? options_.time_column
                       : name(FindAny(row, {"wall_time", "_timestamp", "timestamp"}));
  }
  if (is_settled_) return {};
  is_settled_ = true;
  const Cell* value = FindAny(row, {"value"});
  const Cell* tag = FindAny(row, {"tag", "metric", "key"});
  const bool is_tensorboards = value != nullptr && tag == nullptr && row.cells.size() <= 3 &&
                               !step_column_.empty() && !time_column_.empty();
  if (value != nullptr && (tag != nullptr || is_tensorboards)) {
    value_column_ = value->name;
    tag_column_ = name(tag);
  }
  run_column_ = name(FindAny(row, {"run", "run_id"}));
  if (value_column_.empty() && run_column_.empty()) NoteChart(row);
  return {};
}

// Only a column with both of its bounds beside it is one of a chart: " - " may stand in any name.
void RowLayout::NoteChart(const Row& row) {
  std::set<std::string_view> names;
  for (const Cell& cell : row.cells) names.insert(cell.name);
  for (const Cell& cell : row.cells) {
    constexpr std::string_view kBetween = " - ";
    const size_t at = cell.name.rfind(kBetween);
    if (at == 0 || at == std::string::npos) continue;
    const std::string low = cell.name + "__MIN";
    const std::string high = cell.name + "__MAX";
    if (!names.contains(low) || !names.contains(high)) continue;
    chart_columns_.emplace(
        cell.name, ChartColumn{cell.name.substr(0, at), cell.name.substr(at + kBetween.size())});
    chart_bounds_.insert({low, high});
  }
  if (!chart_columns_.empty() && step_column_.empty()) step_column_ = StepOfChart(row);
}

Error RowLayout::ErrorAt(const Row& row, const Cell& cell, std::string_view want) const {
  return InvalidArgument(StrCat(options_.file, ", line ", row.line, ", column ", Quoted(cell.name),
                                ": got ", Quoted(cell.text), ", want ", want));
}

Status RowLayout::ReadStep(const Row& row, Step* step) const {
  const Cell* cell = Find(row, step_column_);
  if (cell == nullptr) return {};
  if (const auto exact = ParseNumber<int64_t>(cell->text)) {
    *step = *exact;
    return {};
  }
  // pandas writes whole numbers as 3.0 where a column has gaps.
  constexpr double kExactMax = 9007199254740992.0;
  const bool is_whole = cell->kind == Kind::kNumber && std::fabs(cell->number) <= kExactMax &&
                        std::trunc(cell->number) == cell->number;
  if (!is_whole) return ErrorAt(row, *cell, "a whole number as step");
  *step = static_cast<Step>(cell->number);
  return {};
}

Status RowLayout::ReadTime(const Row& row, WallTime* wall_time) const {
  const Cell* cell = Find(row, time_column_);
  if (cell == nullptr || cell->kind == Kind::kEmpty) return {};
  if (cell->kind == Kind::kText) {
    const std::optional<WallTime> date = ParseDate(cell->text);
    if (!date) return ErrorAt(row, *cell, "seconds since the epoch or a date as time");
    *wall_time = *date;
    return {};
  }
  if (!std::isfinite(cell->number)) return ErrorAt(row, *cell, "seconds since the epoch as time");
  // MLflow's are milliseconds: as seconds they would be of the year 5138 and later.
  const bool is_in_milliseconds =
      FoldColumn(time_column_) == "timestamp" && cell->number >= kMillisecondsFrom;
  *wall_time = is_in_milliseconds ? cell->number / 1000 : cell->number;
  return {};
}

Status RowLayout::Read(const Row& row, const std::function<Status(const ImportedPoint&)>& tell) {
  RETURN_IF_ERROR(Settle(row));
  ImportedPoint point;
  point.step = next_step_;
  point.wall_time = options_.wall_time;
  RETURN_IF_ERROR(ReadStep(row, &point.step));
  RETURN_IF_ERROR(ReadTime(row, &point.wall_time));
  next_step_ = point.step < INT64_MAX ? point.step + 1 : point.step;
  if (const Cell* run = Find(row, run_column_)) point.run = Unguarded(run->text);
  return value_column_.empty() ? ReadWide(row, point, tell) : ReadLong(row, point, tell);
}

Status RowLayout::ReadLong(const Row& row, ImportedPoint point,
                           const std::function<Status(const ImportedPoint&)>& tell) {
  const Cell* value = Find(row, value_column_);
  if (value == nullptr || HoldsNothing(*value)) return {};
  if (value->kind != Kind::kNumber) return ErrorAt(row, *value, "a number");
  point.value = value->number;
  point.tag = options_.tag;
  if (!tag_column_.empty()) {
    const Cell* tag = Find(row, tag_column_);
    if (tag == nullptr || tag->kind == Kind::kEmpty) {
      return InvalidArgument(StrCat(options_.file, ", line ", row.line, ", column ",
                                    Quoted(tag_column_), ": empty, want the name of a tag"));
    }
    point.tag = Unguarded(tag->text);
  }
  return tell(point);
}

// A column whose first cell is a number is a tag; from then on it may hold nothing else.
Status RowLayout::ReadWide(const Row& row, const ImportedPoint& at,
                           const std::function<Status(const ImportedPoint&)>& tell) {
  for (const Cell& cell : row.cells) {
    if (HoldsNothing(cell) || cell.name == step_column_ || cell.name == time_column_ ||
        cell.name == run_column_ || chart_bounds_.contains(cell.name)) {
      continue;
    }
    const auto [known, is_first] = is_metric_.try_emplace(cell.name, cell.kind == Kind::kNumber);
    if (is_first && !known->second) ignored_.insert(cell.name);
    if (!known->second) continue;
    if (cell.kind != Kind::kNumber) {
      return ErrorAt(row, cell, "a number, as the column held before");
    }
    ImportedPoint point = at;
    point.tag = cell.name.empty() ? std::string_view("value") : Unguarded(cell.name);
    if (const auto column = chart_columns_.find(cell.name); column != chart_columns_.end()) {
      point.run = column->second.run;
      point.tag = column->second.tag;
    }
    point.value = cell.number;
    RETURN_IF_ERROR(tell(point));
  }
  return {};
}

}  // namespace spirogram::transfer
