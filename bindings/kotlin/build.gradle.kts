// The AAR for Android. `scripts/aar.sh` builds the library first; the JVM's build and the tests are in pom.xml.
plugins {
    id("com.android.library") version "8.13.0"
    kotlin("android") version "2.2.20"
}

android {
    namespace = "ayumi"
    compileSdk = 36
    defaultConfig {
        minSdk = 26
        consumerProguardFiles("consumer-rules.pro")
    }
    // `cargo xtask bindings` writes it.
    sourceSets["main"].kotlin.srcDir("../../target/bindings/kotlin")
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
}

kotlin {
    jvmToolchain(17)
}

dependencies {
    api("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.10.2")
    implementation("net.java.dev.jna:jna:5.17.0@aar")
}
