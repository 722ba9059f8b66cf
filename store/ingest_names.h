// Names that come over the network, and the folders and files that they become. No name reaches the
// file system as it is: a run's name is percent-encoded as a whole (all but letters, digits, '-'
// and '_', so also '/' and '.') and cut into parts of 200 bytes, each a folder in the one before.
// That is injective, can be undone, and fits every file system whatever the name.
//
// Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace spirogram::store {

inline constexpr size_t kRunPathBytesMax = 1024;
inline constexpr size_t kRunPathPartsMax = 32;
inline constexpr size_t kWriterNameBytesMax = 200;

// A path as it could lie below a logdir: UTF-8, parts between '/', none of them empty, "." or "..",
// no control characters. kInvalidArgument says what is wrong.
Status CheckRunPath(std::string_view run);

// Letters, digits, '.', '_', '-' and '%', not beginning with '.': what an event file's base name
// mostly is already, and becomes by percent-encoding otherwise.
Status CheckWriterName(std::string_view writer);

// REQUIRES: CheckRunPath(run).ok().
std::string RunFolder(std::string_view run);
// The run of a folder that RunFolder made; nothing for any other.
std::optional<std::string> RunOfFolder(std::string_view folder);

// What a writer's file is made of: records that it framed itself, or scalars that the server framed
// for it. The two have names of their own, so a writer may use both.
enum class IngestKind { kRecords, kScalars };

// REQUIRES: CheckWriterName(writer).ok().
std::string IngestFileName(IngestKind kind, std::string_view writer);

// How the store calls a file that was sent, among a run's files: no file of a folder has a '/'.
inline constexpr std::string_view kIngestPrefix = "ingest/";
// The same of the event file that was made of a file of another format (store/conversions.h).
inline constexpr std::string_view kConvertedPrefix = "converted/";
// A logger may write into a logdir and send the same file to the server of that logdir. The name of
// the other copy of the file called `name`: one of the two is read.
std::string TwinName(std::string_view name);

}  // namespace spirogram::store
