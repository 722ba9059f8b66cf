#include "app/claim_run_name.h"

#include <sys/stat.h>

#include <cerrno>

#include "base/file.h"
#include "base/str.h"

namespace spirogram::app {

Result<std::string> ClaimRunName(const std::string& logdir, const std::string& model) {
  RETURN_IF_ERROR(MakeFolders(logdir));
  for (int number = 1;; ++number) {
    std::string name = StrCat(model, "-", number);
    const std::string folder = StrCat(logdir, "/", name);
    if (mkdir(folder.c_str(), 0777) == 0) return name;
    if (errno != EEXIST) return ErrnoError(StrCat("make folder ", folder), errno);
  }
}

}  // namespace spirogram::app
