// Empty: CMake precompiles headers for the sources of a target (tests/CMakeLists.txt).
