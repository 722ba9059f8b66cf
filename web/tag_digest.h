// Names of tags that do not fit into a URL. A tag may be as long as a record, a URL may not; a
// request then names the tag by its SHA-256, which the list of tags tells.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/store.h"

namespace spirogram::web {

// Longer tags have a digest. Escaped byte by byte, a shorter one takes three eighths of a URL.
inline constexpr size_t kTagBytesInUrl = 1024;

inline bool HasDigest(std::string_view tag) {
  return tag.size() > kTagBytesInUrl;
}

// The tag of one of `runs` (empty: of all) whose digest that is. kInvalidArgument where `digest` is
// none, kNotFound where no tag that has a digest has this one. Reads the list of their tags.
Result<std::string> FindTagByDigest(store::Store& store, std::span<const store::RunId> runs,
                                    const std::string& digest);

}  // namespace spirogram::web
