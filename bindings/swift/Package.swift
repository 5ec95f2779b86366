// swift-tools-version: 6.0
import Foundation
import PackageDescription

// Apple's platforms link the XCFramework of `scripts/xcframework.sh`; Linux, where the tests run, links the library in this folder.
let library = ProcessInfo.processInfo.environment["AYUMI_LIBRARY"]
let ffi: Target = library == nil
    ? .binaryTarget(name: "AyumiFFI", path: "Ayumi.xcframework")
    : .systemLibrary(name: "AyumiFFI", path: "Sources/AyumiFFI")
let linker: [LinkerSetting] = library.map { folder in
    [.linkedLibrary("ayumi_ffi"), .unsafeFlags(["-L\(folder)", "-Xlinker", "-rpath", "-Xlinker", folder])]
} ?? [.linkedFramework("Security"), .linkedFramework("CoreFoundation")]

let package = Package(
    name: "Ayumi",
    platforms: [.iOS(.v15), .macOS(.v12)],
    products: [.library(name: "Ayumi", targets: ["Ayumi"])],
    targets: [
        ffi,
        // Generated code does not know language mode 6 yet; ours is in it.
        .target(
            name: "AyumiGenerated",
            dependencies: ["AyumiFFI"],
            swiftSettings: [.swiftLanguageMode(.v5)],
            linkerSettings: linker
        ),
        .target(name: "Ayumi", dependencies: ["AyumiGenerated"]),
        .testTarget(name: "AyumiTests", dependencies: ["Ayumi"]),
    ] + (library == nil ? [] : [.executableTarget(name: "ayumi-bench", dependencies: ["Ayumi"], path: "Bench")])
)
