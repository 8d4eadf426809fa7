/** Goal: a network of seven tolerates two faults. Method: `countersign devnet --nodes 7` on other ports, real processes. */
import { expect, it } from "vitest";
import { Devnet, devnetFlags, leavePlace, newPlace } from "../support/devnet.ts";

it("runs seven nodes on other ports", async () => {
  const place = await newPlace(7);
  const network = await Devnet.start(place);
  const { validators, faultsTolerated, threshold } = await network.calls(6).getNetwork({});
  expect([validators, faultsTolerated, threshold]).toEqual([7, 2, 5]);
  expect(devnetFlags(place)).toContain("7");
  await network.stop();
  await leavePlace(place);
});
