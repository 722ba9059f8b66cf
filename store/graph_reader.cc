// Graphs and run metadata. The restart rule does not hide them: a run that is resumed does not log
// its graph again, and the newest one counts in any case.
#include <tuple>
#include <utility>

#include "base/str.h"
#include "store/graph_value.h"
#include "store/kind_reader.h"
#include "store/records.h"
#include "store/run_reader.h"
#include "store/sqlite/statement.h"

namespace spirogram::store {
namespace {

// Any graph goes before an empty one, a graph_def before one out of a meta_graph_def, and then the
// newest counts.
const RecordRef* FindNewest(const std::vector<RecordRef>& records) {
  const auto rank = [](const RecordRef& record) {
    return std::make_tuple(record.item != kNoItem, record.item != kMetaGraphItem, record.wall_time,
                           record.session_id, record.position);
  };
  const RecordRef* newest = nullptr;
  for (const RecordRef& record : records) {
    if (newest == nullptr || rank(*newest) < rank(record)) newest = &record;
  }
  return newest;
}

}  // namespace

Result<std::vector<GraphInfo>> SelectGraphs(Database& database, RunId run) {
  RETURN_IF_ERROR(CheckRun(database, run));
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT tag_id, name, plugin FROM tags "
                                    "WHERE run_id = ?1 AND kind = ?2 ORDER BY name"));
  select.Bind(run, static_cast<int>(DataKind::kGraph));
  std::vector<GraphInfo> graphs;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return graphs;
    GraphInfo info;
    info.tag = select.Text(1);
    info.plugin = select.Text(2);
    info.type = GraphTypeOfPlugin(info.plugin).value_or(GraphType::kRunGraph);
    ASSIGN_OR_RETURN(const auto records, SelectAllRecords(database, run, select.Int(0)));
    const RecordRef* newest = FindNewest(records);
    if (newest == nullptr) continue;
    info.step = newest->step;
    info.wall_time = newest->wall_time;
    info.bytes = newest->bytes;
    graphs.push_back(std::move(info));
  }
}

Result<std::string> SelectGraphBytes(Database& database, RunId run, const std::string& tag) {
  ASSIGN_OR_RETURN(const TagKey key, FindTagKey(database, run, tag, DataKind::kGraph));
  ASSIGN_OR_RETURN(const auto records, SelectAllRecords(database, run, key.id));
  const RecordRef* newest = FindNewest(records);
  if (newest == nullptr)
    return NotFound(StrCat("tag ", Quoted(tag), " of run ", run, " has no graph"));
  return SelectContent(database, *newest);
}

}  // namespace spirogram::store
