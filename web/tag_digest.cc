#include "web/tag_digest.h"

#include <algorithm>

#include "base/sha256.h"
#include "base/str.h"

namespace spirogram::web {
namespace {

bool IsDigest(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

Result<std::string> FindTagByDigest(store::Store& store, std::span<const store::RunId> runs,
                                    const std::string& digest) {
  if (!IsDigest(digest)) {
    return InvalidArgument(
        StrCat("tag digest: got ", Quoted(digest), ", want 64 hexadecimal digits in lower case"));
  }
  ASSIGN_OR_RETURN(auto tags, store.ReadTags(runs));
  const auto found = std::find_if(tags.begin(), tags.end(), [&](const store::Tag& tag) {
    return HasDigest(tag.name) && Sha256Hex(tag.name) == digest;
  });
  if (found != tags.end()) return std::move(found->name);
  return NotFound(StrCat("no tag of those runs has the digest ", digest));
}

}  // namespace spirogram::web
