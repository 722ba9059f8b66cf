#include "mapping/input.h"

#include <unistd.h>

#include <filesystem>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "base/str.h"
#include "mapping/matrix_file.h"
#include "mapping/run_input.h"
#include "mapping/spool.h"
#include "projector/finite_rows.h"
#include "store/embedding_files.h"
#include "store/projector_config.h"

namespace spirogram::mapping {
namespace {

constexpr size_t kConfigBytesMax = size_t{4} << 20;
constexpr size_t kMetadataBytesMax = size_t{1} << 30;
constexpr size_t kTensorsNamedMax = 10;
constexpr const char* kStandardInput = "stdin";

Result<store::ProjectorEntry> ChooseTensor(const std::string& path, const std::string& tensor,
                                           const std::vector<store::ProjectorEntry>& entries) {
  if (entries.empty()) return InvalidArgument(StrCat(path, ": the config names no embedding"));
  if (tensor.empty() && entries.size() == 1) return entries.front();
  std::string names;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (!tensor.empty() && entries[i].tensor_name == tensor) return entries[i];
    if (i < kTensorsNamedMax) {
      names += StrCat(i == 0 ? "" : ", ", ToValidUtf8(entries[i].tensor_name));
    }
  }
  if (entries.size() > kTensorsNamedMax) {
    names += StrCat(" and ", entries.size() - kTensorsNamedMax, " more");
  }
  if (tensor.empty()) return InvalidArgument(StrCat(path, ": want --tensor with one of: ", names));
  return NotFound(StrCat(path, ": no tensor is called ", tensor, ", there are: ", names));
}

Result<Table> ReadConfigTable(const InputOptions& options) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(options.file, kConfigBytesMax));
  const auto config = store::ParseProjectorConfig(text);
  if (!config.ok()) {
    return Error{config.error().code, StrCat(options.file, ": ", config.error().message)};
  }
  const std::filesystem::path parent = std::filesystem::path(options.file).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  std::string note;
  const auto entries = store::NameVariables(folder, *config, &note);
  if (entries.empty() && !note.empty()) return InvalidArgument(StrCat(options.file, ": ", note));
  ASSIGN_OR_RETURN(const store::ProjectorEntry entry,
                   ChooseTensor(options.file, options.tensor, entries));
  Table table;
  const size_t bytes_max =
      std::min(store::kTensorFileBytesMax, static_cast<size_t>(options.bytes_max));
  auto loaded = store::LoadProjectorTensor(folder, entry, &table.notes, bytes_max);
  if (!loaded.ok()) {
    const bool is_memory = loaded.error().code == ErrorCode::kExhausted &&
                           bytes_max / sizeof(float) < store::kTensorValuesMax;
    return Error{loaded.error().code, StrCat(options.file, ": ", loaded.error().message,
                                             is_memory ? " (--memory-gib)" : "")};
  }
  table.name = loaded->info.tensor_name;
  table.format = "projector config";
  table.points = loaded->matrix.rows;
  table.dims = loaded->matrix.dims;
  table.values = std::move(loaded->matrix.values);
  if (!loaded->metadata.empty()) {
    table.metadata = store::ParseMetadataTsv(loaded->metadata, table.points);
  }
  if (table.points < 1 || table.dims < 1) {
    return Corruption(StrCat(options.file, ": ", table.name, " is ", table.points, " x ",
                             table.dims, ", want at least one row and one column"));
  }
  return table;
}

bool IsTabSeparated(std::string_view ending) {
  return ending == ".tsv" || ending == ".tab" || ending == ".txt";
}

// What speaks of another kind of input is refused rather than passed over.
Status CheckOptionsFit(const InputOptions& options, std::string_view ending) {
  const auto misfit = [&](std::string_view option, std::string_view want) {
    return InvalidArgument(StrCat(option, ": ", options.file, " is no ", want));
  };
  const bool is_raw = !options.shape.empty();
  if (is_raw && !options.format.empty()) {
    return InvalidArgument(StrCat("--format ", options.format, ": --shape says that it is raw"));
  }
  if (options.step) return misfit("--step", "run's embedding with checkpoints (--data-dir)");
  // Of new rows and those that they are placed among, one may be a text and the other none.
  if (options.may_lack_columns) return {};
  if (!options.tensor.empty() && (is_raw || ending != ".pbtxt")) {
    return misfit("--tensor", "projector config (.pbtxt)");
  }
  if (!is_raw && (ending == ".csv" || IsTabSeparated(ending))) return {};
  if (!options.metadata_columns.empty()) return misfit("--metadata-columns", "CSV or TSV");
  if (options.header != TextTableOptions::Header::kAuto) return misfit("--header", "CSV or TSV");
  return {};
}

Result<Table> ReadFileTable(const InputOptions& options, const std::stop_token& stop) {
  const std::string ending =
      options.format.empty() ? EndingOf(options.file) : StrCat(".", options.format);
  RETURN_IF_ERROR(CheckOptionsFit(options, ending));
  if (!options.shape.empty()) {
    return ReadRawTable(options.file, options.shape, options.bytes_max, stop);
  }
  TextTableOptions text;
  text.header = options.header;
  text.metadata_columns = options.metadata_columns;
  text.may_lack_columns = options.may_lack_columns;
  text.colour_by = options.colour_by;
  text.bytes_max = options.bytes_max;
  if (ending == ".npy") return ReadNpyTable(options.file, options.bytes_max, stop);
  if (ending == ".pbtxt") return ReadConfigTable(options);
  if (ending == ".csv") return ReadTextTable(options.file, text, stop);
  if (IsTabSeparated(ending)) {
    text.separator = '\t';
    return ReadTextTable(options.file, text, stop);
  }
  return InvalidArgument(StrCat(options.file, ": got the ending \"", ending,
                                "\", want .npy, .csv, .tsv or .pbtxt, or --format, or --shape NxD "
                                "for raw little-endian float32"));
}

Result<Table> ReadStandardInput(InputOptions options, const std::stop_token& stop) {
  ASSIGN_OR_RETURN(const SpooledInput input,
                   SpooledInput::Read(STDIN_FILENO, options.bytes_max, stop));
  options.file = input.path();
  if (options.format.empty() && options.shape.empty()) {
    ASSIGN_OR_RETURN(options.format, input.GuessFormat());
  }
  Result<Table> table = ReadFileTable(options, stop);
  if (table.ok()) {
    table->name = kStandardInput;
    return table;
  }
  std::string message = table.error().message;
  for (size_t at = message.find(options.file); at != std::string::npos;
       at = message.find(options.file)) {
    message.replace(at, options.file.size(), kStandardInput);
  }
  return Error{table.error().code, message};
}

Status ReadMetadata(const std::string& path, Table* table) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMetadataBytesMax));
  const int64_t rows = store::CountMetadataRows(text);
  if (rows != table->points) {
    return InvalidArgument(StrCat(path, ": got ", rows, " rows of metadata, want ", table->points,
                                  " (the first line names the columns only where it has a tab)"));
  }
  table->metadata = store::ParseMetadataTsv(text, table->points);
  return {};
}

Status LeaveOut(projector::Metric metric, Table* table) {
  const projector::MatrixView all{table->values, table->points, table->dims};
  auto rows = projector::FindRowsToLeaveOut(all, metric);
  if (!rows.ok()) return Error{rows.error().code, StrCat(table->name, ": ", rows.error().message)};
  if (rows->empty()) return {};
  table->notes.push_back(StrCat(
      rows->size(), " of ", table->points,
      " rows are left out of the map, counted from 0: ", projector::DescribeRows(all, *rows)));
  projector::TakeRowsOut(*rows, table->dims, &table->values);
  table->left_out = std::move(*rows);
  return {};
}

}  // namespace

Result<Table> ReadInput(const InputOptions& options, const std::stop_token& stop) {
  // A data directory alone beside a file is no contradiction: it may come from the environment.
  const bool is_run = options.file.empty();
  if (is_run ? options.data_dir.empty() : !options.run.empty() || !options.tag.empty()) {
    return InvalidArgument("want either a FILE or --data-dir with --run");
  }
  ASSIGN_OR_RETURN(Table table, is_run                ? ReadRunTable(options)
                                : options.file == "-" ? ReadStandardInput(options, stop)
                                                      : ReadFileTable(options, stop));
  RETURN_IF_ERROR(LeaveOut(options.metric, &table));
  if (!options.metadata_file.empty()) {
    RETURN_IF_ERROR(ReadMetadata(options.metadata_file, &table));
  }
  return table;
}

}  // namespace spirogram::mapping
