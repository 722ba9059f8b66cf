#include "store/diagnosis_table.h"

#include <utility>

#include "base/str.h"
#include "store/blob_codec.h"
#include "store/finding_codec.h"
#include "store/run_reader.h"
#include "store/sqlite/statement.h"
#include "store/sqlite/upsert.h"

namespace spirogram::store {

Status ReplaceDiagnosis(Database& database, RunId run, const Diagnosis& diagnosis) {
  RETURN_IF_ERROR(CheckRun(database, run));
  for (const char* sql :
       {"DELETE FROM findings WHERE run_id = ?1", "DELETE FROM checks WHERE run_id = ?1"}) {
    ASSIGN_OR_RETURN(Statement remove, database.Prepare(sql));
    RETURN_IF_ERROR(remove.Bind(run).Run());
  }
  int64_t sequence = 0;
  for (const Finding& finding : diagnosis.findings) {
    const std::string data = EncodeFinding(finding);
    ASSIGN_OR_RETURN(Statement insert,
                     database.Prepare("INSERT INTO findings VALUES (?1, ?2, ?3)"));
    RETURN_IF_ERROR(insert.Bind(run, sequence++, Blob{data}).Run());
  }
  sequence = 0;
  for (const Check& check : diagnosis.checks) {
    ASSIGN_OR_RETURN(Statement insert,
                     database.Prepare("INSERT INTO checks VALUES (?1, ?2, ?3, ?4, ?5, ?6)"));
    RETURN_IF_ERROR(insert
                        .Bind(run, sequence++, check.rule, check.entity,
                              static_cast<int>(check.state), check.reason)
                        .Run());
  }
  return {};
}

Status ReplaceProjection(Database& database, RunId run, const std::string& key,
                         const std::string& bytes) {
  RETURN_IF_ERROR(CheckRun(database, run));
  const std::string data = PackBlob(bytes, Compression::kNone);
  ASSIGN_OR_RETURN(Statement insert,
                   database.Prepare(UpsertSql("projections", {"run_id", "key"}, {"data"})));
  return insert.Bind(run, key, Blob{data}).Run();
}

Result<Diagnosis> SelectDiagnosis(Database& database, RunId run) {
  RETURN_IF_ERROR(CheckRun(database, run));
  Diagnosis diagnosis;
  ASSIGN_OR_RETURN(Statement findings, database.Prepare("SELECT data FROM findings "
                                                        "WHERE run_id = ?1 ORDER BY sequence"));
  findings.Bind(run);
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, findings.Step());
    if (!has_row) break;
    ASSIGN_OR_RETURN(Finding finding, DecodeFinding(findings.Bytes(0)));
    diagnosis.findings.push_back(std::move(finding));
  }
  ASSIGN_OR_RETURN(Statement checks,
                   database.Prepare("SELECT rule, entity, state, reason FROM "
                                    "checks WHERE run_id = ?1 ORDER BY sequence"));
  checks.Bind(run);
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, checks.Step());
    if (!has_row) break;
    diagnosis.checks.push_back({.rule = std::string(checks.Text(0)),
                                .entity = std::string(checks.Text(1)),
                                .state = static_cast<Check::State>(checks.Int(2)),
                                .reason = std::string(checks.Text(3))});
  }
  return diagnosis;
}

Result<std::string> SelectProjection(Database& database, RunId run, const std::string& key) {
  ASSIGN_OR_RETURN(Statement select, database.Prepare("SELECT data FROM projections "
                                                      "WHERE run_id = ?1 AND key = ?2"));
  select.Bind(run, key);
  ASSIGN_OR_RETURN(const bool has_row, select.Step());
  if (!has_row) return NotFound(StrCat("run ", run, " has no projection ", Quoted(key)));
  return UnpackBlob(select.Bytes(0));
}

}  // namespace spirogram::store
