#include "tests/store/fault_vfs.h"

#include <sqlite3.h>

#include <cstdlib>
#include <cstring>

namespace spirogram::testing {
namespace {

struct Fault {
  std::atomic<int64_t> at{0};  // 0: never
  std::atomic<int64_t> calls{0};
  std::atomic<bool> is_lasting{false};
  std::atomic<bool> is_full{false};
  std::atomic<bool> has_failed{false};
};
Fault fault;

// A file of the real file system behind ours; `real` stands behind this in the same allocation.
struct FaultFile {
  sqlite3_file base;
  sqlite3_file* real;
};

sqlite3_file* RealOf(sqlite3_file* file) {
  return reinterpret_cast<FaultFile*>(file)->real;
}

// SQLITE_OK, or what the call is to fail with. `io_code` is of the operation.
int NextCode(int io_code) {
  // Files that are there can be opened and mapped on a full disk.
  if (fault.is_full && (io_code == SQLITE_CANTOPEN || io_code == SQLITE_IOERR_SHMSIZE)) {
    return SQLITE_OK;
  }
  const int64_t call = ++fault.calls;
  const int64_t at = fault.at;
  if (at == 0 || call < at || (call > at && !fault.is_lasting)) return SQLITE_OK;
  fault.has_failed = true;
  return fault.is_full ? SQLITE_FULL : io_code;
}

sqlite3_vfs* RealVfs(sqlite3_vfs* vfs) {
  return static_cast<sqlite3_vfs*>(vfs->pAppData);
}

int Close(sqlite3_file* file) {
  return RealOf(file)->pMethods->xClose(RealOf(file));
}
int Read(sqlite3_file* file, void* to, int bytes, sqlite3_int64 offset) {
  return RealOf(file)->pMethods->xRead(RealOf(file), to, bytes, offset);
}
int Write(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 offset) {
  if (const int code = NextCode(SQLITE_IOERR_WRITE)) {
    // A full disk takes a part of it.
    RealOf(file)->pMethods->xWrite(RealOf(file), from, bytes / 2, offset);
    return code;
  }
  return RealOf(file)->pMethods->xWrite(RealOf(file), from, bytes, offset);
}
int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (NextCode(SQLITE_IOERR_TRUNCATE) != SQLITE_OK) return SQLITE_IOERR_TRUNCATE;
  return RealOf(file)->pMethods->xTruncate(RealOf(file), size);
}
int Sync(sqlite3_file* file, int flags) {
  if (const int code = NextCode(SQLITE_IOERR_FSYNC)) return code;
  return RealOf(file)->pMethods->xSync(RealOf(file), flags);
}
int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  return RealOf(file)->pMethods->xFileSize(RealOf(file), size);
}
int Lock(sqlite3_file* file, int level) {
  return RealOf(file)->pMethods->xLock(RealOf(file), level);
}
int Unlock(sqlite3_file* file, int level) {
  return RealOf(file)->pMethods->xUnlock(RealOf(file), level);
}
int CheckReservedLock(sqlite3_file* file, int* result) {
  return RealOf(file)->pMethods->xCheckReservedLock(RealOf(file), result);
}
int FileControl(sqlite3_file* file, int op, void* argument) {
  return RealOf(file)->pMethods->xFileControl(RealOf(file), op, argument);
}
int SectorSize(sqlite3_file* file) {
  return RealOf(file)->pMethods->xSectorSize(RealOf(file));
}
int Characteristics(sqlite3_file* file) {
  return RealOf(file)->pMethods->xDeviceCharacteristics(RealOf(file));
}
int ShmMap(sqlite3_file* file, int page, int bytes, int extend, void volatile** at) {
  if (extend != 0 && NextCode(SQLITE_IOERR_SHMSIZE) != SQLITE_OK) return SQLITE_IOERR_SHMSIZE;
  return RealOf(file)->pMethods->xShmMap(RealOf(file), page, bytes, extend, at);
}
int ShmLock(sqlite3_file* file, int offset, int count, int flags) {
  return RealOf(file)->pMethods->xShmLock(RealOf(file), offset, count, flags);
}
void ShmBarrier(sqlite3_file* file) {
  RealOf(file)->pMethods->xShmBarrier(RealOf(file));
}
int ShmUnmap(sqlite3_file* file, int remove) {
  return RealOf(file)->pMethods->xShmUnmap(RealOf(file), remove);
}

constexpr sqlite3_io_methods kMethods = {2,
                                         Close,
                                         Read,
                                         Write,
                                         Truncate,
                                         Sync,
                                         FileSize,
                                         Lock,
                                         Unlock,
                                         CheckReservedLock,
                                         FileControl,
                                         SectorSize,
                                         Characteristics,
                                         ShmMap,
                                         ShmLock,
                                         ShmBarrier,
                                         ShmUnmap,
                                         nullptr,
                                         nullptr};

int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  file->pMethods = nullptr;
  if (const int code = NextCode(SQLITE_CANTOPEN)) return code;
  auto* ours = reinterpret_cast<FaultFile*>(file);
  ours->real = reinterpret_cast<sqlite3_file*>(ours + 1);
  const int code = RealVfs(vfs)->xOpen(RealVfs(vfs), name, ours->real, flags, out_flags);
  if (ours->real->pMethods != nullptr) file->pMethods = &kMethods;
  return code;
}
int Delete(sqlite3_vfs* vfs, const char* name, int sync) {
  return RealVfs(vfs)->xDelete(RealVfs(vfs), name, sync);
}
int Access(sqlite3_vfs* vfs, const char* name, int flags, int* result) {
  return RealVfs(vfs)->xAccess(RealVfs(vfs), name, flags, result);
}
int FullPathname(sqlite3_vfs* vfs, const char* name, int bytes, char* out) {
  return RealVfs(vfs)->xFullPathname(RealVfs(vfs), name, bytes, out);
}
int GetLastError(sqlite3_vfs*, int, char*) {
  return 0;
}

}  // namespace

void FaultVfs::Install() {
  static sqlite3_vfs vfs;
  if (vfs.zName != nullptr) return;
  sqlite3_vfs* real = sqlite3_vfs_find(nullptr);
  vfs = *real;
  vfs.zName = "fault";
  vfs.szOsFile = static_cast<int>(sizeof(FaultFile)) + real->szOsFile;
  vfs.pAppData = real;
  vfs.pNext = nullptr;
  vfs.xOpen = Open;
  vfs.xDelete = Delete;
  vfs.xAccess = Access;
  vfs.xFullPathname = FullPathname;
  vfs.xGetLastError = GetLastError;
  if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK) std::abort();
}

void FaultVfs::FailAt(int64_t call, Kind kind, Length length) {
  fault.at = 0;
  fault.calls = 0;
  fault.has_failed = false;
  fault.is_full = kind == Kind::kFull;
  fault.is_lasting = length == Length::kUntilHealed;
  fault.at = call;
}
void FaultVfs::Heal() {
  fault.at = 0;
}
int64_t FaultVfs::calls() {
  return fault.calls;
}
bool FaultVfs::has_failed() {
  return fault.has_failed;
}

}  // namespace spirogram::testing
