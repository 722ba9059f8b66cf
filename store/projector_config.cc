#include "store/projector_config.h"

#include <sys/stat.h>

#include <functional>
#include <set>
#include <utility>

#include "base/str.h"
#include "store/byte_io.h"
#include "store/checkpoint_tensor.h"
#include "store/confined_file.h"
#include "store/text_proto.h"

namespace spirogram::store {
namespace {

constexpr size_t kEntriesMax = 1000;
constexpr size_t kTextBytesMax = size_t{128} << 20;
constexpr size_t kSpriteBytesMax = size_t{64} << 20;
constexpr size_t kStepDigitsMin = 5;

std::vector<int64_t> NumbersOf(const TextField& message, std::string_view name) {
  std::vector<int64_t> numbers;
  for (const TextField& field : message.fields) {
    if (field.name == name) numbers.push_back(ParseNumber<int64_t>(field.value).value_or(0));
  }
  return numbers;
}

ProjectorEntry EntryOf(const TextField& message) {
  ProjectorEntry entry;
  for (const TextField& field : message.fields) {
    if (field.name == "tensor_name") entry.tensor_name = field.value;
    if (field.name == "tensor_path") entry.tensor_path = field.value;
    if (field.name == "metadata_path") entry.metadata_path = field.value;
    if (field.name == "bookmarks_path") entry.bookmarks_path = field.value;
    if (field.name != "sprite" || !field.is_message) continue;
    for (const TextField& part : field.fields) {
      if (part.name == "image_path") entry.sprite_path = part.value;
    }
    entry.thumbnail = NumbersOf(field, "single_image_dim");
  }
  entry.shape = NumbersOf(message, "tensor_shape");
  if (entry.tensor_name.empty()) {  // then it is called as its file, as in TensorBoard
    entry.tensor_name = entry.tensor_path.substr(entry.tensor_path.rfind('/') + 1);
  }
  return entry;
}

// What `tensor_name: "w:0"` and "w" both mean of a checkpoint, and Keras's spelling of it.
std::string_view VariableOf(std::string_view tensor_name) {
  if (tensor_name.ends_with(":0")) tensor_name.remove_suffix(2);
  if (tensor_name.ends_with(kObjectSuffix)) tensor_name.remove_suffix(kObjectSuffix.size());
  return tensor_name;
}

// The one of an empty config, which asks for nothing where no checkpoint is.
bool IsBlank(const ProjectorEntry& entry) {
  return entry.checkpoint_path.empty() && entry.checkpoint_folder.empty() &&
         entry.metadata_path.empty();
}

// Puts an entry like `all` for each of the tables behind the `entries`, but for those that `names`
// has.
void AddVariables(const std::vector<CheckpointMatrix>& tables, const ProjectorEntry& all,
                  std::set<std::string, std::less<>>* names, std::vector<ProjectorEntry>* entries,
                  std::string* note) {
  uint64_t values = 0;
  size_t left_out = 0;
  for (const CheckpointMatrix& table : tables) {
    uint64_t count = 0;
    const bool is_countable = !__builtin_mul_overflow(static_cast<uint64_t>(table.rows),
                                                      static_cast<uint64_t>(table.dims), &count);
    if (is_countable && count == 0) continue;
    if (!names->emplace(VariableOf(table.name)).second) continue;
    if (!is_countable || count > kTensorValuesMax - values || entries->size() == kEntriesMax) {
      ++left_out;
      continue;
    }
    values += count;
    entries->push_back(all);
    entries->back().tensor_name = table.name;
  }
  if (left_out == 0) return;
  *note = StrCat(left_out, " of the checkpoint's ", tables.size(),
                 " tables are not shown, as all are more than ", kTensorValuesMax, " values or ",
                 kEntriesMax, " tables together: name those to show");
}

std::string StatText(const std::string& path) {
  struct stat info {};
  if (path.find('\0') != std::string::npos || stat(path.c_str(), &info) != 0) return "-;";
  return StrCat(info.st_dev, ":", info.st_ino, ":", info.st_size, ":", info.st_mtim.tv_sec, ".",
                info.st_mtim.tv_nsec, ";");
}

// Where the file of its checkpoint that is written last may lie.
std::vector<std::string> CheckpointFilesOf(const ProjectorEntry& entry) {
  if (entry.checkpoint_path.empty()) return {CheckpointStatePath(entry.checkpoint_folder)};
  return CheckpointFiles(entry.checkpoint_path);
}

// The folder in which its checkpoint lies: the config's, or the run's where that of a config in the
// plugin's folder holds none.
std::string CheckpointRoot(const std::string& folder, const ProjectorEntry& entry) {
  std::string run_folder = RunOfProjectorFolder(folder);
  struct stat info {};
  for (const std::string& path : CheckpointFilesOf(entry)) {
    if (run_folder == folder || stat(AbsolutePath(folder, path).c_str(), &info) == 0) return folder;
  }
  return run_folder;
}

std::string FileStamps(const std::string& folder, const ProjectorEntry& entry) {
  std::string stamps;
  if (entry.tensor_path.empty()) {
    const std::string root = CheckpointRoot(folder, entry);
    for (const std::string& path : CheckpointFilesOf(entry)) {
      stamps += StatText(AbsolutePath(root, path));
    }
  }
  for (const std::string* path :
       {&entry.tensor_path, &entry.metadata_path, &entry.bookmarks_path, &entry.sprite_path}) {
    if (!path->empty()) stamps += StatText(AbsolutePath(folder, *path));
  }
  return stamps;
}

// When the tensor's file was last changed.
WallTime ChangeTimeOf(const std::string& folder, const ProjectorEntry& entry) {
  const bool is_file = !entry.tensor_path.empty();
  const std::string root = is_file ? folder : CheckpointRoot(folder, entry);
  for (const std::string& path :
       is_file ? std::vector<std::string>{entry.tensor_path} : CheckpointFilesOf(entry)) {
    struct stat file {};
    if (stat(AbsolutePath(root, path).c_str(), &file) != 0) continue;
    return static_cast<double>(file.st_mtim.tv_sec) +
           static_cast<double>(file.st_mtim.tv_nsec) * 1e-9;
  }
  return 0;
}

// A file beside the tensor: what cannot be read is left out, and told.
std::string ReadBeside(const std::string& folder, const ProjectorEntry& entry,
                       const std::string& path, size_t bytes_max,
                       std::vector<std::string>* warnings) {
  if (path.empty()) return {};
  Result<std::string> content = ReadConfined(folder, path, bytes_max);
  if (content.ok()) return std::move(content).value();
  warnings->push_back(
      StrCat("embedding ", Quoted(entry.tensor_name), ": ", content.error().message));
  return {};
}

void CheckMetadata(const LoadedTensor& tensor, std::vector<std::string>* warnings) {
  if (tensor.metadata.empty()) return;
  const int64_t rows = CountMetadataRows(tensor.metadata);
  if (rows == tensor.matrix.rows) return;
  warnings->push_back(StrCat("embedding ", Quoted(tensor.info.tensor_name), ": ",
                             tensor.info.metadata_path, " has ", rows, " rows for ",
                             tensor.matrix.rows, " points"));
}

Result<std::string> CheckpointOf(const std::string& root, const ProjectorEntry& entry) {
  if (!entry.checkpoint_path.empty()) return entry.checkpoint_path;
  return FindNewestCheckpoint(root, entry.checkpoint_folder);
}

Result<std::vector<CheckpointMatrix>> ListTables(const std::string& folder,
                                                 const ProjectorEntry& entry) {
  const std::string root = CheckpointRoot(folder, entry);
  ASSIGN_OR_RETURN(const std::string prefix, CheckpointOf(root, entry));
  return ListCheckpointMatrices(root, prefix);
}

Result<Matrix> ReadMatrix(const std::string& folder, const ProjectorEntry& entry,
                          size_t bytes_max) {
  const size_t values_max = std::min(kTensorValuesMax, bytes_max / sizeof(float));
  if (entry.tensor_path.empty()) {
    const std::string root = CheckpointRoot(folder, entry);
    ASSIGN_OR_RETURN(const std::string prefix, CheckpointOf(root, entry));
    return ReadCheckpointMatrix(root, prefix, entry.tensor_name, values_max);
  }
  ASSIGN_OR_RETURN(const std::string bytes, ReadConfined(folder, entry.tensor_path, bytes_max));
  Result<Matrix> matrix = ParseTensorFile(bytes, entry.shape, values_max);
  if (matrix.ok()) return matrix;
  return Error{matrix.error().code,
               StrCat(ToValidUtf8(entry.tensor_path), ": ", matrix.error().message)};
}

}  // namespace

std::string RunOfProjectorFolder(const std::string& folder) {
  if (folder == kProjectorPluginFolder) return ".";
  const std::string suffix = StrCat("/", kProjectorPluginFolder);
  if (folder.size() > suffix.size() && folder.ends_with(suffix)) {
    return folder.substr(0, folder.size() - suffix.size());
  }
  return folder;
}

Result<std::vector<ProjectorEntry>> ParseProjectorConfig(std::string_view text) {
  ASSIGN_OR_RETURN(const std::vector<TextField> fields, ParseTextProto(text));
  std::string checkpoint_path;
  std::string checkpoint_folder;
  for (const TextField& field : fields) {
    if (field.name == "model_checkpoint_path") checkpoint_path = field.value;
    if (field.name == "model_checkpoint_dir") checkpoint_folder = field.value;
  }
  std::vector<ProjectorEntry> entries;
  for (const TextField& field : fields) {
    if (field.name != "embeddings" || !field.is_message) continue;
    if (entries.size() == kEntriesMax) {
      return Exhausted(StrCat("more than ", kEntriesMax, " embeddings"));
    }
    entries.push_back(EntryOf(field));
  }
  if (entries.empty()) entries.emplace_back();
  for (ProjectorEntry& entry : entries) {
    if (!entry.tensor_path.empty()) continue;
    entry.checkpoint_path = checkpoint_path;
    entry.checkpoint_folder = checkpoint_folder;
  }
  return entries;
}

std::vector<ProjectorEntry> NameVariables(const std::string& folder,
                                          const std::vector<ProjectorEntry>& entries,
                                          std::string* note) {
  std::vector<ProjectorEntry> named;
  std::set<std::string, std::less<>> names;
  const ProjectorEntry* all = nullptr;
  for (const ProjectorEntry& entry : entries) {
    names.emplace(VariableOf(entry.tensor_name));
    if (!entry.tensor_name.empty()) {
      named.push_back(entry);
    } else if (all == nullptr) {
      all = &entry;
    }
  }
  if (all == nullptr) return named;
  const auto tables = ListTables(folder, *all);
  if (tables.ok()) {
    AddVariables(*tables, *all, &names, &named, note);
  } else if (tables.error().code != ErrorCode::kNotFound || !IsBlank(*all)) {
    *note = StrCat("tables of the checkpoint: ", tables.error().message);
  }
  return named;
}

TagAndStep SplitTensorName(std::string_view name) {
  const size_t colon = name.rfind(':');
  if (colon != std::string_view::npos && colon > 0) {
    const std::string_view digits = name.substr(colon + 1);
    const auto step = ParseNumber<Step>(digits);
    const bool is_step = step && *step >= 0 && digits.size() >= kStepDigitsMin;
    if (is_step) return {ToValidUtf8(name.substr(0, colon)), *step};
  }
  return {name.empty() ? "embedding" : ToValidUtf8(name), 0};
}

Result<LoadedTensor> LoadProjectorTensor(const std::string& folder, const ProjectorEntry& entry,
                                         std::vector<std::string>* warnings, size_t bytes_max) {
  LoadedTensor tensor;
  ASSIGN_OR_RETURN(tensor.matrix, ReadMatrix(folder, entry, bytes_max));
  ProjectorTensor& info = tensor.info;
  TagAndStep split = SplitTensorName(entry.tensor_name);
  info.tensor_name = ToValidUtf8(entry.tensor_name);
  info.tag = std::move(split.tag);
  info.step = split.step;
  info.rows = tensor.matrix.rows;
  info.dims = tensor.matrix.dims;
  info.tensor_path = ToValidUtf8(entry.tensor_path);
  info.metadata_path = ToValidUtf8(entry.metadata_path);
  info.bookmarks_path = ToValidUtf8(entry.bookmarks_path);
  info.sprite_path = ToValidUtf8(entry.sprite_path);
  if (entry.thumbnail.size() == 2) {
    info.sprite_width = entry.thumbnail[0];
    info.sprite_height = entry.thumbnail[1];
  }
  info.wall_time = ChangeTimeOf(folder, entry);
  tensor.metadata = ReadBeside(folder, entry, entry.metadata_path, kTextBytesMax, warnings);
  tensor.bookmarks = ReadBeside(folder, entry, entry.bookmarks_path, kTextBytesMax, warnings);
  tensor.sprite = ReadBeside(folder, entry, entry.sprite_path, kSpriteBytesMax, warnings);
  CheckMetadata(tensor, warnings);
  info.metadata_bytes = tensor.metadata.size();
  info.bookmarks_bytes = tensor.bookmarks.size();
  info.sprite_bytes = tensor.sprite.size();
  return tensor;
}

std::string StampOf(const std::string& folder, const std::vector<ProjectorEntry>& entries) {
  std::string stamp = StatText(StrCat(folder, "/", kProjectorConfigName));
  for (const ProjectorEntry& entry : entries) stamp += FileStamps(folder, entry);
  return stamp;
}

std::string StampOf(const std::string& folder, const ProjectorEntry& entry) {
  ByteWriter writer;
  for (const std::string* text : {&entry.tensor_name, &entry.tensor_path, &entry.metadata_path,
                                  &entry.bookmarks_path, &entry.sprite_path}) {
    writer.PutString(*text);
  }
  if (entry.tensor_path.empty()) {
    writer.PutString(entry.checkpoint_path);
    writer.PutString(entry.checkpoint_folder);
  }
  writer.PutVector(entry.shape);
  writer.PutVector(entry.thumbnail);
  writer.PutString(FileStamps(folder, entry));
  return writer.Take();
}

}  // namespace spirogram::store
