// What a request's columns do to the rows: filter, sort, leave out.
#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <variant>

#include "base/str.h"
#include "web/tensorboard/hparams_table.h"
#include "web/tensorboard/pattern.h"

namespace spirogram::web::tensorboard {
namespace {

// A group's value of a column: missing, a number (booleans are 0 and 1, as in Python) or a text.
using Cell = std::variant<std::monostate, double, std::string>;

Cell ToCell(const store::HparamValue& value) {
  switch (value.type) {
    case store::HparamValue::Type::kString:
      return value.text;
    case store::HparamValue::Type::kBool:
      return value.boolean ? 1.0 : 0.0;
    case store::HparamValue::Type::kNumber:
      return value.number;
  }
  return {};
}

Cell CellOf(const SessionGroup& group, const ColumnRequest& column) {
  if (column.metric) {
    for (const MetricValue& metric : group.metrics) {
      if (metric.name == *column.metric) return metric.value;
    }
    return {};
  }
  for (const auto& [name, value] : group.hparams) {
    if (name == *column.hparam) return ToCell(value);
  }
  return {};
}

bool IsMissing(const Cell& cell) {
  return std::holds_alternative<std::monostate>(cell);
}

using Filter = std::function<Result<bool>(const Cell&)>;

Result<Filter> MakeFilter(const ColumnRequest& column) {
  if (column.filter_regexp) {
    ASSIGN_OR_RETURN(Pattern compiled, Pattern::Compile(*column.filter_regexp));
    const auto pattern = std::make_shared<Pattern>(std::move(compiled));
    return Filter([pattern](const Cell& cell) -> Result<bool> {
      const auto* text = std::get_if<std::string>(&cell);
      if (text == nullptr) return InvalidArgument("Cannot use a regexp filter for a number");
      return pattern->Finds(*text);
    });
  }
  if (column.filter_interval) {
    return Filter([interval = *column.filter_interval](const Cell& cell) -> Result<bool> {
      const auto* number = std::get_if<double>(&cell);
      if (number == nullptr) return InvalidArgument("Cannot use an interval filter for a text");
      return interval.min <= *number && *number <= interval.max;
    });
  }
  if (column.filter_discrete) {
    std::vector<Cell> allowed;
    for (const store::HparamValue& value : *column.filter_discrete) {
      allowed.push_back(ToCell(value));
    }
    return Filter([allowed](const Cell& cell) -> Result<bool> {
      return std::find(allowed.begin(), allowed.end(), cell) != allowed.end();
    });
  }
  return Filter([](const Cell&) -> Result<bool> { return true; });
}

Status ApplyFilter(const ColumnRequest& column, std::vector<SessionGroup>* groups) {
  ASSIGN_OR_RETURN(const Filter filter, MakeFilter(column));
  std::vector<SessionGroup> kept;
  for (SessionGroup& group : *groups) {
    const Cell cell = CellOf(group, column);
    bool is_kept = !column.exclude_missing_values;
    if (!IsMissing(cell)) {
      ASSIGN_OR_RETURN(is_kept, filter(cell));
    }
    if (is_kept) kept.push_back(std::move(group));
  }
  *groups = std::move(kept);
  return {};
}

bool IsNan(const Cell& cell) {
  const auto* number = std::get_if<double>(&cell);
  return number != nullptr && std::isnan(*number);
}

void Sort(const ColumnRequest& column, std::vector<SessionGroup>* groups) {
  const bool is_descending = column.order == SortOrder::kDescending;
  std::stable_sort(groups->begin(), groups->end(),
                   [&](const SessionGroup& a, const SessionGroup& b) {
                     const Cell x = CellOf(a, column);
                     const Cell y = CellOf(b, column);
                     if (IsMissing(x) != IsMissing(y)) {
                       return IsMissing(column.missing_values_first ? x : y);
                     }
                     // NaN has no rank and comes behind all that have, in either direction.
                     if (IsNan(x) != IsNan(y)) return IsNan(y);
                     return is_descending ? y < x : x < y;
                   });
}

// Where any column says whether it is wanted, the hyperparameters of the others go.
void Reduce(const std::vector<ColumnRequest>& columns, std::vector<SessionGroup>* groups) {
  const bool says_any = std::any_of(columns.begin(), columns.end(), [](const auto& column) {
    return column.include_in_result.has_value();
  });
  if (!says_any) return;
  std::set<std::string> wanted;
  for (const ColumnRequest& column : columns) {
    if (column.hparam && column.include_in_result.value_or(true)) wanted.insert(*column.hparam);
  }
  for (SessionGroup& group : *groups) {
    std::erase_if(group.hparams,
                  [&](const auto& hparam) { return !wanted.contains(hparam.first); });
  }
}

}  // namespace

Status ApplyColumns(const HparamsRequest& request, std::vector<SessionGroup>* groups) {
  for (const ColumnRequest& column : request.columns) {
    RETURN_IF_ERROR(ApplyFilter(column, groups));
  }
  // The first column is the one that counts most, so it sorts last.
  for (auto column = request.columns.rbegin(); column != request.columns.rend(); ++column) {
    if (column->order != SortOrder::kUnspecified) Sort(*column, groups);
  }
  Reduce(request.columns, groups);
  return {};
}

}  // namespace spirogram::web::tensorboard
