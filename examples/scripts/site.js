// What a table cannot say. Both functions are optional; see "Scripts" in docs/mapping.md.

// Before the mapping. A return of false filters the message out.
function message(msg) {
	// This sender writes W for women, and pads its numbers with zeros.
	if (msg.get("PID-8") === "W") msg.set("PID-8", "F");
	msg.set("PID-3.1", msg.get("PID-3.1").replace(/^0+/, ""));
	// Its pings are no news.
	if (msg.get("MSH-9.1") === "ADT" && msg.get("PID-5.1") === "PING") return false;
}

// After the mapping. The Bundle is changed in place; entries stay what they are.
function bundle(bundle, msg) {
	for (const { resource } of bundle.entry) {
		if (resource.resourceType === "Encounter" && msg.get("PV1-10") === "MAT") {
			resource.serviceType = { text: "Maternity" };
		}
	}
}
