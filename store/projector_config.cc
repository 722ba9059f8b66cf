#include "store/projector_config.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>
#include <utility>

#include "base/file.h"
#include "base/str.h"
#include "store/byte_io.h"
#include "store/text_proto.h"

namespace spirogram::store {
namespace {

constexpr size_t kEntriesMax = 1000;
constexpr size_t kTensorBytesMax = size_t{1} << 30;
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
  return entry;
}

std::string AbsolutePath(const std::string& folder, const std::string& path) {
  return !path.empty() && path.front() == '/' ? path : StrCat(folder, "/", path);
}

struct FreePath {
  void operator()(char* path) const { std::free(path); }
};

// Where the file behind the descriptor really lies, or nothing.
std::string RealPathOf(const FileDescriptor& file) {
  char target[PATH_MAX];
  const ssize_t length =
      readlink(StrCat("/proc/self/fd/", file.get()).c_str(), target, sizeof target);
  return length <= 0 ? std::string() : std::string(target, static_cast<size_t>(length));
}

std::string StatText(const std::string& path) {
  struct stat info {};
  if (path.find('\0') != std::string::npos || stat(path.c_str(), &info) != 0) return "-;";
  return StrCat(info.st_dev, ":", info.st_ino, ":", info.st_size, ":", info.st_mtim.tv_sec, ".",
                info.st_mtim.tv_nsec, ";");
}

std::string FileStamps(const std::string& folder, const ProjectorEntry& entry) {
  std::string stamps;
  for (const std::string* path :
       {&entry.tensor_path, &entry.metadata_path, &entry.bookmarks_path, &entry.sprite_path}) {
    if (!path->empty()) stamps += StatText(AbsolutePath(folder, *path));
  }
  return stamps;
}

// A file beside the tensor: what cannot be read is left out, and told.
std::string ReadBeside(const std::string& folder, const ProjectorEntry& entry,
                       const std::string& path, size_t bytes_max,
                       std::vector<std::string>* warnings) {
  if (path.empty()) return {};
  Result<std::string> content = ReadConfined(folder, path, bytes_max);
  if (content.ok()) return std::move(content).value();
  warnings->push_back(
      StrCat("embedding \"", ToValidUtf8(entry.tensor_name), "\": ", content.error().message));
  return {};
}

void CheckMetadata(const LoadedTensor& tensor, std::vector<std::string>* warnings) {
  if (tensor.metadata.empty()) return;
  const int64_t rows = CountMetadataRows(tensor.metadata);
  if (rows == tensor.matrix.rows) return;
  warnings->push_back(StrCat("embedding \"", tensor.info.tensor_name,
                             "\": ", tensor.info.metadata_path, " has ", rows, " rows for ",
                             tensor.matrix.rows, " points"));
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
  std::vector<ProjectorEntry> entries;
  for (const TextField& field : fields) {
    if (field.name != "embeddings" || !field.is_message) continue;
    if (entries.size() == kEntriesMax) {
      return Exhausted(StrCat("more than ", kEntriesMax, " embeddings"));
    }
    entries.push_back(EntryOf(field));
  }
  return entries;
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
                                         std::vector<std::string>* warnings) {
  if (entry.tensor_path.empty()) {
    return InvalidArgument("no tensor_path: variables of TensorFlow checkpoints are not read");
  }
  LoadedTensor tensor;
  ASSIGN_OR_RETURN(const std::string bytes,
                   ReadConfined(folder, entry.tensor_path, kTensorBytesMax));
  Result<Matrix> matrix = ParseTensorFile(bytes, entry.shape);
  if (!matrix.ok()) {
    return Corruption(StrCat(ToValidUtf8(entry.tensor_path), ": ", matrix.error().message));
  }
  tensor.matrix = std::move(matrix).value();
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
  struct stat file {};
  if (stat(AbsolutePath(folder, entry.tensor_path).c_str(), &file) == 0) {
    info.wall_time =
        static_cast<double>(file.st_mtim.tv_sec) + static_cast<double>(file.st_mtim.tv_nsec) * 1e-9;
  }
  tensor.metadata = ReadBeside(folder, entry, entry.metadata_path, kTextBytesMax, warnings);
  tensor.bookmarks = ReadBeside(folder, entry, entry.bookmarks_path, kTextBytesMax, warnings);
  tensor.sprite = ReadBeside(folder, entry, entry.sprite_path, kSpriteBytesMax, warnings);
  CheckMetadata(tensor, warnings);
  info.metadata_bytes = tensor.metadata.size();
  info.bookmarks_bytes = tensor.bookmarks.size();
  info.sprite_bytes = tensor.sprite.size();
  return tensor;
}

Result<std::string> ReadConfined(const std::string& folder, const std::string& path,
                                 size_t bytes_max) {
  const std::string shown = ToValidUtf8(path);
  if (path.find('\0') != std::string::npos) return InvalidArgument(StrCat(shown, " holds a NUL"));
  const std::unique_ptr<char, FreePath> real_folder(realpath(folder.c_str(), nullptr));
  if (real_folder == nullptr) return ErrnoError(StrCat("open ", ToValidUtf8(folder)), errno);
  const std::string absolute = AbsolutePath(folder, path);
  // What is opened is what is checked: a link that changes between the two is of no use.
  // O_NONBLOCK: opening a FIFO must not wait for its writer.
  const FileDescriptor file(open(absolute.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) return ErrnoError(StrCat("open ", shown), errno);
  const std::string inside = StrCat(real_folder.get(), "/");
  const std::string real_path = RealPathOf(file);
  if (real_path.compare(0, inside.size(), inside) != 0) {
    return Permission(StrCat(shown, " lies outside of the config's folder"));
  }
  struct stat info {};
  if (fstat(file.get(), &info) != 0) return ErrnoError(StrCat("stat ", shown), errno);
  if (!S_ISREG(info.st_mode)) return InvalidArgument(StrCat(shown, " is not a regular file"));
  // By the descriptor, never by the path again.
  Result<std::string> content = ReadFile(StrCat("/proc/self/fd/", file.get()), bytes_max);
  if (content.ok()) return content;
  if (content.error().code != ErrorCode::kExhausted) return content;
  return Exhausted(StrCat(shown, " is longer than ", bytes_max, " bytes"));
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
  writer.PutVector(entry.shape);
  writer.PutVector(entry.thumbnail);
  writer.PutString(FileStamps(folder, entry));
  return writer.Take();
}

}  // namespace spirogram::store
