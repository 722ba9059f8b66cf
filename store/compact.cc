#include <filesystem>
#include <system_error>
#include <tuple>
#include <vector>

#include "base/str.h"
#include "store/block_codec.h"
#include "store/data_dir.h"
#include "store/maintenance.h"
#include "store/series_writer.h"
#include "store/sqlite/database.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/statement.h"
#include "store/sqlite/transaction.h"

namespace spirogram::store {
namespace {

struct ShortTail {
  RunId run = 0;
  int64_t tag_id = 0;
  int64_t session_id = 0;
  int64_t first_point = 0;  // of its first short block
  int64_t blocks = 0;
};

// Series that end in several short blocks.
Result<std::vector<ShortTail>> SelectShortTails(Database& database) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT run_id, tag_id, session_id, min(first_point), count(*) "
                                    "FROM scalar_blocks WHERE count < ?1 "
                                    "GROUP BY run_id, tag_id, session_id HAVING count(*) > 1"));
  select.Bind(static_cast<int64_t>(kBlockPoints));
  std::vector<ShortTail> tails;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return tails;
    tails.push_back({select.Int(0), select.Int(1), select.Int(2), select.Int(3), select.Int(4)});
  }
}

uint64_t SizeOf(const std::string& path) {
  std::error_code error;
  const uintmax_t bytes = std::filesystem::file_size(path, error);
  return error ? 0 : bytes;
}

}  // namespace

Result<CompactReport> Compact(const std::string& data_dir, const CompactProgress& progress) {
  const auto tell = [&](CompactStage stage, uint64_t done, uint64_t of) {
    if (progress != nullptr) progress(stage, done, of);
  };
  ASSIGN_OR_RETURN(const std::string path, DataDir::FindDatabase(data_dir));
  ASSIGN_OR_RETURN(const DataDir locked, DataDir::Open(data_dir));
  ASSIGN_OR_RETURN(Database database, Database::Open(path, Database::Mode::kWriter));
  RETURN_IF_ERROR(MigrateSchema(database));
  RETURN_IF_ERROR(database.Checkpoint());
  CompactReport report;
  report.bytes_before = SizeOf(path);
  {
    ASSIGN_OR_RETURN(Transaction transaction,
                     Transaction::Begin(database, Transaction::Kind::kWrite));
    ASSIGN_OR_RETURN(const std::vector<ShortTail> tails, SelectShortTails(database));
    for (size_t i = 0; i < tails.size(); ++i) {
      const ShortTail& tail = tails[i];
      tell(CompactStage::kJoining, i, tails.size());
      RETURN_IF_ERROR(
          MergeBlocks(database, tail.run, tail.tag_id, tail.session_id, tail.first_point));
      report.merged_blocks += tail.blocks;
    }
    RETURN_IF_ERROR(transaction.Commit());
  }
  tell(CompactStage::kRewriting, 0, report.bytes_before);
  RETURN_IF_ERROR(database.Execute("VACUUM"));
  RETURN_IF_ERROR(database.Checkpoint());
  report.bytes_after = SizeOf(path);
  return report;
}

}  // namespace spirogram::store
