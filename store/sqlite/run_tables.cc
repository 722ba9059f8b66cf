#include "store/sqlite/run_tables.h"

#include <utility>

#include "base/str.h"
#include "store/sqlite/statement.h"

namespace spirogram::store {
namespace {

struct TableName {
  std::string name;
  bool has_rowid = false;
};

Result<std::vector<TableName>> ListTables(Database& database) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT name, wr FROM pragma_table_list WHERE schema = 'main' "
                                    "AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
                                    "AND name NOT IN ('runs', 'run_labels', 'event_files') "
                                    "ORDER BY name"));
  std::vector<TableName> tables;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return tables;
    tables.push_back({std::string(select.Text(0)), select.Int(1) == 0});
  }
}

// An empty `key` where the table has no run_id.
Result<RunTable> Describe(Database& database, const TableName& table) {
  ASSIGN_OR_RETURN(Statement select, database.Prepare("SELECT name, type, pk FROM "
                                                      "pragma_table_info(?1) ORDER BY pk, cid"));
  select.Bind(table.name);
  RunTable described{.name = table.name, .key = {}, .sizes = {}, .numbers = 0};
  bool has_run = false;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) break;
    std::string column(select.Text(0));
    has_run |= column == "run_id";
    if (select.Int(2) > 0) {
      described.key.append(described.key.empty() ? "" : ", ").append(column);
    }
    if (select.Text(1) == "BLOB") {
      described.sizes.push_back(StrCat("length(", column, ")"));
    } else if (select.Text(1) == "TEXT") {
      described.sizes.push_back(StrCat("length(CAST(", column, " AS BLOB))"));
    } else {
      ++described.numbers;
    }
  }
  if (table.has_rowid) described.key = "rowid";
  if (!has_run) described.key.clear();
  return described;
}

}  // namespace

Result<std::vector<RunTable>> ListRunTables(Database& database) {
  ASSIGN_OR_RETURN(const auto names, ListTables(database));
  std::vector<RunTable> tables;
  for (const TableName& name : names) {
    ASSIGN_OR_RETURN(RunTable table, Describe(database, name));
    if (!table.key.empty()) tables.push_back(std::move(table));
  }
  return tables;
}

Result<int64_t> DeleteRows(Database& database, const RunTable& table, RunId run, int rows_max) {
  // DELETE has no LIMIT in standard SQL.
  ASSIGN_OR_RETURN(
      Statement remove,
      database.Prepare(StrCat("DELETE FROM ", table.name, " WHERE (", table.key, ") IN (SELECT ",
                              table.key, " FROM ", table.name, " WHERE run_id = ?1 LIMIT ?2)")));
  RETURN_IF_ERROR(remove.Bind(run, rows_max).Run());
  return database.QueryInt("SELECT changes()");
}

}  // namespace spirogram::store
